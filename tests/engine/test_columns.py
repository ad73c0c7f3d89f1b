import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.params import Columns, Data
from penguins.engine.registration.quality import fits
from penguins.engine.registry.loading import input_columns
from penguins.engine.registry.registry import Registry
from penguins.engine.table.reading import read_raw
from penguins.engine.table.validated import read_validated
from penguins.engine.tracking import store
from penguins.engine.tracking.columns import Known, known_of
from penguins.engine.tracking.columns_table import described
from penguins.params import load_params
from sklearn.dummy import DummyRegressor

from tests.engine.conftest import TARGET, make_table

MODEL = "models:/things/1"
HOSTILE = ["a|b", "`", "<b>", "@all", "![a](b)", "# a", "a\nb", "=1", "ö" * 300, "a: b", "'", "null", "\\"]


class Labels:
    """A model that tells a from b."""

    classes_ = np.array(["a", "b"])


class Numbers:
    """A model that predicts numbers."""


def known(
    rows: pd.DataFrame, units: dict[str, str] | None = None, task: str = "classification", **roles: list[str]
) -> dict[str, Any]:
    data = Data.model_validate({"task": task, "path": "x.csv", "target": TARGET, "units": units or {}})
    target = np.linspace(1.5, 3.5, len(rows))
    model: Any = Labels() if task == "classification" else Numbers()
    return Known.of(rows, target, model, data, Columns(**roles)).to_dict()


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_each_column_is_known_for_what_it_is(task: str) -> None:
    rows = pd.DataFrame(
        {
            "width": [1.5, 2.5, np.nan, 9.5],
            "count": [3.0, 1.0, 2.0, 2.0],
            "empty": [np.nan] * 4,
            "colour": ["red", "blue", None, "red"],
            "wet": ["True", "False", "True", "True"],
            "note": ["from Ms Secret", None, None, "x"],
        }
    )
    numeric, categorical = ["width", "count", "empty"], ["colour", "wet"]
    units = {"width": "mm", TARGET: "g"}
    found = known(rows, units, task, numeric=numeric, categorical=categorical, text=["note"])
    width, count, empty, colour, wet, note = found["inputs"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    references = {
        column["name"]: column.pop("reference", {}) for column in [*found["inputs"], found["target"]]
    }
    assert references["empty"] == {}
    assert all(sum(references[column["name"]]["counts"]) == 4 - column["missing"] for column in (width, wet))
    assert references["note"]["edges"] == [1, 14]  # how long they are
    assert references["colour"]["values"] == ["red", "blue"]
    assert width == {
        "name": "width", "role": "numeric", "type": "number", "missing": 1,
        "unit": "mm", "range": [1.5, 9.5], "example": 2.5,
    }  # fmt: skip
    assert (count["type"], count["range"], count["example"]) == ("whole number", [1, 3], 2)
    assert empty == {"name": "empty", "role": "numeric", "type": "number", "missing": 4}
    assert colour == {
        "name": "colour", "role": "categorical", "type": "category", "missing": 1,
        "categories": ["red", "blue"], "more_categories": 0, "example": "red",
    }  # fmt: skip
    assert (wet["type"], wet["example"]) == ("true or false", "True")
    assert note == {"name": "note", "role": "text", "type": "text", "missing": 2}
    if task == "classification":
        assert found["target"] == {
            "name": TARGET, "role": "target", "type": "category", "missing": 0,
            "unit": "g", "categories": ["a", "b"],
        }  # fmt: skip
    else:
        assert (found["target"]["range"], found["target"]["unit"]) == ([1.5, 3.5], "g")


def test_whole_numbers_are_exact_however_large() -> None:
    rows = pd.DataFrame({"id": [2.0**53 - 1, 2.0**53, 2.0**53 + 6], "far": [1e300, 2.0, 3.0]})
    found = known(rows, numeric=["id", "far"])
    column, far = found["inputs"]
    least, greatest = 2**53 - 1, 2**53 + 6
    assert (column["type"], column["range"]) == ("whole number", [least, greatest])
    assert f"`{least}` to `{greatest}`" in described(found)
    assert (far["type"], far["range"]) == ("number", [2.0, 1e300])


def test_many_categories_are_listed_by_frequency_and_the_others_counted() -> None:
    names = [f"n{number:03}" for number in range(70)] + ["often"] * 5 + ["long" * 100] * 9
    (column,) = known(pd.DataFrame({"name": names}), categorical=["name"])["inputs"]
    assert column["categories"] == ["often", *(f"n{number:03}" for number in range(48))]
    assert column["more_categories"] == 70 - 48 + 1
    assert column["example"] == "often"


def test_a_description_is_one_table_and_short_enough() -> None:
    rows = pd.DataFrame({name: pd.Series(HOSTILE) for name in HOSTILE})
    few = described(known(rows, categorical=HOSTILE, units=dict.fromkeys(HOSTILE, "@m|m")))
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(few)
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<tr>") == len(HOSTILE)
    assert body.count("<td>") == 6 * len(HOSTILE)
    assert html.count("<table>") == 1
    assert [tag for tag in ("<b>", "<img", "<a ", "<h1>") if tag in html] == []
    wide = pd.DataFrame(np.ones((3, 900)), columns=[f"column number {number}" for number in range(900)])
    many = described(known(wide, numeric=list(wide.columns)))
    shown = many.count("| `column number")
    assert 20 < shown < 900
    assert f"… and {900 - shown} more" in many
    assert all(len(text) <= 5000 for text in (few, many))


def test_a_model_is_logged_with_its_columns(finished: Path) -> None:
    found = known_of(MODEL)
    inputs = {column["name"]: column for column in found["inputs"]}
    assert list(inputs) == ["width", "height", "colour", "note"]
    assert inputs["height"]["type"] == "whole number"
    assert inputs["colour"]["missing"] > 0
    folder = Path(mlflow.artifacts.download_artifacts(MODEL))
    assert json.loads((folder / "extra_files/columns.json").read_text(encoding="utf-8")) == found
    version = store.connect().get_model_version("things", "1")
    assert version.description.endswith(described(found))
    assert "| `height` | whole number |  | `1` to `8` | never |" in version.description
    example = mlflow.pyfunc.load_model(MODEL).input_example
    raw = read_validated(load_params())
    logged = " ".join([json.dumps(found), version.description, example.to_json()])
    assert not any(note in logged for note in raw["note"].dropna().unique())
    assert "code" not in logged
    assert input_columns(version) == list(inputs)
    assert fits(input_columns(version), list(raw.columns)).passed
    assert fits(input_columns(version), ["width"]).got == "the table lacks height, colour, note"


def test_a_store_without_the_model_gets_the_same(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = known_of(MODEL)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere/mlflow.db")
    stage.run("register")
    assert known_of(MODEL) == found


def test_a_version_that_knows_nothing_is_asked_for_its_signature(finished: Path) -> None:
    client = store.connect()
    signature = mlflow.models.infer_signature(pd.DataFrame({"a": [1.5], "b": ["x"]}))
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(
            DummyRegressor().fit([[1]], [1]), name="old", signature=signature, pip_requirements=[]
        )
    client.create_registered_model("old")
    version = client.create_model_version("old", logged.model_uri)
    assert input_columns(version) == ["a", "b"]
    assert described(known_of(logged.model_uri)) == ""
    assert Registry(client, "old").version("1").description in ("", None)


def test_a_unit_of_no_column_is_one_line(project: Path) -> None:
    text = paths.PARAMS.read_text(encoding="utf-8")
    text = text.replace("  columns:\n", "  units: {widht: mm}\n  columns:\n", 1)
    paths.PARAMS.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"params.yaml:5: data.units.widht: .* no column 'widht'; did you"):
        read_raw(load_params())


KINDS: dict[str, Any] = {
    "whole numbers": [5, 7],
    "a gap": [5.5, np.nan],
    "nothing": [None, None],
    "Int64 with a gap": pd.array([5, None], dtype="Int64"),
    "Float64 with a gap": pd.array([5.5, None], dtype="Float64"),
    "int64[pyarrow] with a gap": pd.array([5, None], dtype="int64[pyarrow]"),
    "int32": np.array([5, 7], dtype="int32"),
    "bool": [True, False],
    "boolean with a gap": pd.array([True, None], dtype="boolean"),
    "text": ["5", "7.5"],
    "text with a gap": ["5", None],
    "categorical": pd.Categorical(["5", "7"]),
    "categorical of whole numbers": pd.Categorical([5, 7]),
    "objects": np.array([5, None], dtype="object"),
}


@pytest.mark.parametrize("column", ["width", "colour"])
def test_a_loaded_model_takes_whatever_pandas_made_of_a_column(finished: Path, column: str) -> None:
    """Most of these MLflow would refuse if the signature said what the column is: as double, or as string."""
    model = mlflow.pyfunc.load_model(MODEL)
    rows = make_table()[:2].assign(note=None)
    for kind, cells in KINDS.items():
        assert len(model.predict(rows.assign(**{column: cells}))) == 2, kind
    with pytest.raises(mlflow.MlflowException, match=column):
        model.predict(rows.drop(columns=column))
