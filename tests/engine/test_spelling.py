"""A category is the same however pandas reads it; two that are spelled in two ways are two."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.params import Data
from penguins.engine.table.cells import as_labels, as_words, as_written
from penguins.engine.table.files import read_file
from penguins.engine.table.spelling import Spelling
from penguins.engine.table.types import to_types
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from tests.engine.tasks import BOTH, CLASSIFICATION, Task

NAN = float("nan")
EACH = 12  # rows of a category


def fitted(task: Task, path: Path, codes: list[str]) -> Any:
    """Fit the project's own tree to a CSV file in which the target is another one for each category."""
    values = {code: f"class {at}" if task is CLASSIFICATION else at * 10 for at, code in enumerate(codes)}
    lines = "".join(f"{code},{number},{values[code]}\n" for number in range(EACH) for code in codes)
    path.write_text(f"code,size,goal\n{lines}", encoding="utf-8")
    columns = {"categorical": ["code"], "numeric": ["size"]}
    content = {
        "data": {"task": task.name, "path": str(path), "target": "goal", "columns": columns},
        "split": {"test_fraction": 0.25, "seed": 1},
        "model": {"type": task.tree, task.tree: {"random_state": 0}},
        "evaluate": {"primary_metric": task.metric},
        "register": {"name": "things"},
    }
    params = task.module("params").Params.model_validate(content)
    table = to_types(read_file(params.data)[0], params.data)
    model = task.module("models").build(params, params.data.columns)
    return model.fit(table[["code", "size"]], table["goal"])


@BOTH
@pytest.mark.parametrize(
    ("codes", "others"),
    [
        (["1", "2", "3"], [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"], ["1.0", "2.0", "3.0"]]),
        (["1.0", "2.5", "3.0"], [[1.0, 2.5, 3.0], ["1.0", "2.5", "3.0"], [1, 2.5, "3"]]),
        (
            ["1.00", "2.50", "30"],
            [[1.0, 2.5, 30], ["1.00", "2.50", "30"], np.array([1, 2.5, 30], dtype="float32")],
        ),
        (["1", "1.0", "1.00"], [["1", "1.0", "1.00"]]),
        (["1", "2.0", "A"], [["1", "2.0", "A"], [1, 2, "A"], [1.0, 2.0, "A"]]),
        (["true", "false"], [[True, False], ["true", "false"], ["TRUE", "FALSE"]]),
        (["TRUE", "FALSE", "x"], [[True, False, "x"], ["TRUE", "FALSE", "x"]]),
        (["001", "002", "010"], [[1, 2, 10], [1.0, 2.0, 10.0], ["001", "002", "010"]]),
        (["1000000", "25", "0.5"], [[1e6, 25, 0.5], ["1e6", "25.0", ".5"]]),
    ],
)
def test_a_category_is_the_same_however_pandas_reads_it(
    task: Task, tmp_path: Path, codes: list[str], others: list[list[Any]]
) -> None:
    model = fitted(task, tmp_path / "a.csv", codes)
    expected = [f"class {at}" if task is CLASSIFICATION else at * 10 for at in range(len(codes))]
    for other in others:
        rows = pd.DataFrame({"code": other, "size": 5.0})
        assert model.predict(rows).tolist() == expected, other
        alone = [model.predict(rows.iloc[[at]]).tolist()[0] for at in range(len(rows))]
        assert alone == expected


def test_numbers_that_are_spelled_in_one_way_are_categories_as_in_a_typed_file() -> None:
    text = pd.DataFrame(
        {
            "floats": ["1.0", "2.5", None],
            "ints": ["1", "2", None],
            "truth": ["true", "false", None],
            "two": ["1", "1.0", None],
            "words": ["1.0", "x", None],
            "codes": ["01.0", "2", None],
            "both": ["true", "True", None],
        }
    )
    typed = pd.DataFrame({"floats": [1.0, 2.5, NAN], "ints": [1.0, 2.0, NAN], "truth": [True, False, None]})
    written = as_written(text)
    pd.testing.assert_frame_equal(written[list(typed)], as_written(typed))
    assert written["floats"].tolist()[:2] == ["1", "2.5"]
    others = ["two", "words", "codes", "both"]
    pd.testing.assert_frame_equal(written[others], text[others].astype("str"))


def test_labels_are_words_as_they_are_spelled() -> None:
    for words in (["1", "1.0"], ["true", "True"], ["x", "1.0"], ["1", "2"], ["False", "True"]):
        labels = as_labels(pd.Index(words))
        assert as_words(labels).tolist() == words


def test_an_empty_cell_is_a_category_of_its_own() -> None:
    spelling = Spelling().fit(pd.DataFrame({"a": ["1", None]}))
    rows = pd.DataFrame({"a": [None, NAN, 1.0, "never seen", ""]}, dtype=object)
    assert spelling.transform(rows)["a"].tolist() == ["missing", "missing", "1", "never seen", "missing"]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ("1,0.0,1.0", "U"),
        ("1.0,0.0,1.0", "i"),
        ("yes,no,yes", "U"),
        ("3,1,3", "i"),
        ("03,1,3", "U"),
        ("true,false,true", "b"),
    ],
)
def test_labels_of_csv_are_what_a_person_sees(tmp_path: Path, labels: str, kind: str) -> None:
    lines = "".join(f"{at},{label}\n" for at, label in enumerate(labels.split(",")))
    (tmp_path / "a.csv").write_text(f"a,b\n{lines}", encoding="utf-8")
    values = {"task": "classification", "path": str(tmp_path / "a.csv"), "target": "b"}
    data = Data.model_validate(values)
    typed = to_types(read_file(data)[0], data)["b"]
    assert as_labels(pd.Index(typed.unique())).dtype.kind == kind


def test_numbered_words_are_encoded_as_the_words_themselves() -> None:
    """By the encoder that follows: rare ones and those beyond the most together, unknown ones as gaps."""
    random = np.random.default_rng(0)
    kwargs: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": NAN}
    kwargs |= {"min_frequency": 3, "max_categories": 25}
    words = pd.Series([f"w {code}" for code in (random.random(2000) ** 3 * 60).astype(int)], dtype="str")
    rows = pd.DataFrame({"gaps": words.mask(random.random(2000) < 0.1), "full": words})
    rows["codes"] = pd.Series(random.integers(0, 12, 2000).astype(float))
    new = pd.DataFrame({"gaps": ["w 1", None, "new"], "full": ["w 2", None, ""], "codes": [3, NAN, 99]})
    plain, numbered = (
        make_pipeline(Spelling(numbered=numbered), OrdinalEncoder(**kwargs)).fit(rows)
        for numbered in (False, True)
    )
    for some in (rows, new):
        np.testing.assert_array_equal(numbered.transform(some), plain.transform(some))
    assert np.isnan(numbered.transform(new)[2]).all()
    assert not np.isnan(numbered.transform(new)[1, 0])
