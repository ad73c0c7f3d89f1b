"""The role of each column, from the raw table to a prediction: declared, inferred, or in doubt."""

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.params import Columns, Data
from penguins.engine.table.leaks import all_but_equals
from penguins.engine.table.roles import LEAK, Role, decide, infer_roles, lines
from penguins.engine.table.types import to_types
from penguins.params import load_params

from tests.engine.conftest import TARGET, set_up
from tests.engine.tasks import CLASSIFICATION, REGRESSION, Task

TASKS = pytest.mark.parametrize("learned", [CLASSIFICATION, REGRESSION], ids=str, indirect=True)
DECLARED = (
    "  format: {thousands: ','}\n  units: {mass: g}\n  date_formats: {seen: '%d.%m.%Y %H:%M'}\n  columns:\n"
)
FIRST = datetime.datetime(2024, 1, 1)


def data_of(task: str = "classification", **data: Any) -> Data:
    return Data.model_validate({"task": task, "path": "x.csv", "target": TARGET, **data})


def table_of(task: Task) -> pd.DataFrame:
    """Add to the small table what params.yaml does not list, and what it declares as `DECLARED` does."""
    table = task.table()
    days = pd.Series([FIRST + datetime.timedelta(days=3 * row) for row in range(len(table))])
    return table.assign(
        sold=days.dt.strftime("%Y-%m-%d").where(table.index % 10 > 0),
        seen=(days + pd.Timedelta(hours=6)).dt.strftime("%d.%m.%Y %H:%M"),
        mass=[f"{1000 + row % 40:,} g" for row in range(len(table))],
        grade=[["?", "1.5", "2.5"][row % 3] for row in range(len(table))],
        row=range(len(table)),
    )


@pytest.fixture(scope="module")
def learned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Task]:
    """Provide a project of a task, validated and trained; its output is in `output.txt`."""
    task: Task = request.param
    with pytest.MonkeyPatch.context() as patch:
        folder = set_up(tmp_path_factory.mktemp(task.name), patch)
        task.set_up(folder)
        params = (folder / "params.yaml").read_text(encoding="utf-8")
        (folder / "params.yaml").write_text(params.replace("  columns:\n", DECLARED), encoding="utf-8")
        table_of(task).to_csv(folder / "data/raw/table.csv", index=False)
        for stage in ("validate", "train"):
            task.module("engine.stage").run(stage)
        yield task


def model_of(task: Task) -> str:
    return f"models:/{task.module('engine.lineage.trained').Trained.read().model_id}"


@TASKS
def test_each_inferred_role_is_on_record_with_its_reason(learned: Task) -> None:
    found = json.loads(Path("reports/validation.json").read_text(encoding="utf-8"))
    roles = found["roles"]
    assert (found["inferred"], found["doubts"]) == (4, 2)
    assert {name: role["role"] for name, role in roles.items()} == {
        "sold": "date", "mass": "numeric", "grade": "categorical", "row": "drop",
    }  # fmt: skip
    assert roles["sold"] == {"role": "date", "reason": "all 108 cells are dates", "doubt": ""}
    assert roles["mass"]["reason"] == "all 120 cells are whole numbers"
    assert roles["grade"]["doubt"] == "66 % of the cells are numbers; '?' in 40: add '?' to data.missing"
    assert roles["row"]["doubt"].startswith("it names rows: put it into data.columns.id")
    params = learned.module("engine.judging.checks").load_checked_params()
    columns = learned.module("engine.split.dataset").Dataset(params).columns
    assert columns.numeric == ["width", "height", "mass"]
    assert columns.categorical == ["colour", "grade"]
    assert columns.date == ["sold", "seen"]
    assert columns.drop == ["unused", "row"]
    (run,) = mlflow.search_runs(
        search_all_experiments=True, filter_string="tags.`dvc.stage` = 'validate'"
    ).run_id
    assert mlflow.artifacts.load_dict(f"runs:/{run}/roles.json") == roles
    assert mlflow.get_run(run).data.metrics["doubts"] == 2
    trained = mlflow.get_run(learned.module("engine.lineage.trained").Trained.read().run_id)
    inferred = "mass (numeric), grade (categorical), sold (date), row (drop)"
    assert trained.data.tags["columns.inferred"] == inferred


@TASKS
def test_a_model_knows_its_dates(learned: Task) -> None:
    known = learned.module("engine.tracking.columns").known_of(model_of(learned))
    inputs = {column["name"]: column for column in known["inputs"]}
    sold, seen, mass = inputs["sold"], inputs["seen"], inputs["mass"]
    assert (sold["role"], sold["type"], sold["missing"] > 0) == ("date", "date", True)
    assert (seen["type"], seen["missing"]) == ("date and time", 0)
    assert "2024-01-01" <= sold["range"][0] < sold["example"] < sold["range"][1] <= "2024-12-23"
    assert seen["range"][0].endswith("T06:00:00")
    assert (mass["type"], mass["unit"]) == ("whole number", "g")
    described = learned.module("engine.tracking.columns_table").described(known)
    assert (
        f"| `sold` | date |  | `{sold['range'][0]}` to `{sold['range'][1]}` | {sold['missing']} of"
        in described
    )


@TASKS
def test_a_prediction_is_the_same_however_the_cells_come(learned: Task) -> None:
    model = mlflow.pyfunc.load_model(model_of(learned))
    assert len(model.predict(model.input_example)) == 1
    raw = table_of(learned)[:30]
    expected = list(model.predict(raw))
    sold, seen = pd.to_datetime(raw["sold"]), pd.to_datetime(raw["seen"], format="%d.%m.%Y %H:%M")
    ways = {
        "datetime64": {"sold": sold, "seen": seen},
        "nanoseconds": {"sold": sold.astype("datetime64[ns]"), "seen": seen.astype("datetime64[ns]")},
        "a time zone": {"seen": seen.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")},
        "dates": {"sold": sold.dt.date, "seen": seen.astype(object)},
        "ISO 8601": {"sold": sold.dt.strftime("%Y-%m-%dT00:00:00.000"), "seen": seen.dt.strftime("%F %T")},
        "numbers": {"mass": raw["mass"].str.replace(r"\D", "", regex=True).astype(float)},
        "numbers as text": {"mass": raw["mass"].str.replace(r"\D", "", regex=True)},
    }  # fmt: skip
    for way, cells in ways.items():
        assert list(model.predict(raw.assign(**cells))) == expected, way
        assert list(model.predict(raw.assign(**cells)[:1])) == expected[:1], way
    later = raw.assign(sold="2031-05-05", seen=None)
    assert len(model.predict(later)) == 30
    for name, cell in (
        ("mass", "1,00 g"),
        ("mass", "1,000 kg"),
        ("sold", "05.05.2031"),
        ("seen", "5/5/2031"),
    ):
        with pytest.raises(Exception, match=f"column '{name}', row 0: no ") as caught:
            model.predict(raw.assign(**{name: cell}))
        assert cell not in str(caught.value)


@TASKS
def test_an_age_is_counted_from_the_latest_training_date(learned: Task) -> None:
    data = learned.module("engine.split.dataset").Dataset(load_params())
    latest = data.train_rows["sold"].max()
    model = mlflow.sklearn.load_model(model_of(learned))
    parts = model[0].named_transformers_["date"][0]
    assert parts.latest_["sold"] == latest.isoformat()
    names = [str(name) for name in parts.get_feature_names_out()]
    assert names[:5] == ["sold_year", "sold_month", "sold_day_of_week", "sold_day_of_year", "sold_age_days"]
    assert names[-2:] == ["seen_hour", "seen_age_days"]


def test_cells_that_are_no_dates_are_named(project: Path) -> None:
    params = (project / "params.yaml").read_text(encoding="utf-8")
    (project / "params.yaml").write_text(params.replace("id: [code]", "id: [code]\n    date: [sold]"))
    table = table_of(CLASSIFICATION).drop(columns=["seen", "mass", "grade", "row"])
    table.loc[[4, 7], "sold"] = ["05.05.2024", "soon"]
    table.to_csv(project / "data/raw/table.csv", index=False)
    with pytest.raises(UserError, match=r"sold: values are dates: row 6, row 9$"):
        CLASSIFICATION.module("engine.stage").run("validate")


def test_a_table_without_a_feature_is_a_line(project: Path) -> None:
    table = pd.DataFrame({"code": [f"{row:03}" for row in range(60)], TARGET: ["a", "b"] * 30})
    table.to_csv(project / "data/raw/table.csv", index=False)
    params = re.sub(r"  columns:\n(    .*\n)+", "", (project / "params.yaml").read_text(encoding="utf-8"))
    params = params.replace("stratify: colour", f"stratify: {TARGET}").replace(
        "groups: [colour]", "groups: []"
    )
    (project / "params.yaml").write_text(params, encoding="utf-8")
    Path("expectations/penguins.yaml").write_text(
        "expectations:\n  - {type: expect_column_to_exist, column: code}\n", encoding="utf-8"
    )
    CLASSIFICATION.module("engine.stage").run("validate")
    with pytest.raises(UserError, match=r"params.yaml:\d+: data.columns: no column is a feature"):
        CLASSIFICATION.module("engine.stage").run("train")


def test_a_listed_role_is_not_looked_at() -> None:
    cells = pd.DataFrame({"key": range(60), "empty": [None] * 60, TARGET: ["a", "b"] * 30})
    roles = decide(cells, data_of(columns={"numeric": ["key"], "text": ["empty"]}))
    assert [(role.name, role.role, role.reason, role.doubt) for role in roles] == [
        ("key", "numeric", "", ""),
        ("empty", "text", "", ""),
        (TARGET, "target", "", ""),
    ]


def test_a_summary_has_each_doubt_once() -> None:
    roles = [
        Role("a", "drop", "r", "empty"),
        Role("b", "drop", "s", "empty"),
        Role("c", "text"),
        Role("d", "id", "t"),
    ]
    assert lines(roles) == {
        "roles": "3 of 4 are inferred; see reports/validation.json",
        "doubt 1": "a, b (drop): empty",
    }
    assert lines([Role("c", "text")]) == {}


def test_a_date_format_is_a_role() -> None:
    raw = pd.DataFrame({"sold": ["31.01.2024", None], "x": [1.0, 2.0], TARGET: ["a", "b"]})
    data = data_of(date_formats={"sold": "%d.%m.%Y"})
    table = to_types(raw, data)
    assert table["sold"].tolist() == [pd.Timestamp("2024-01-31"), pd.NaT]
    assert infer_roles(table, data) == Columns(numeric=["x"], date=["sold"])
    dropped = data_of(columns={"drop": ["sold"]}, date_formats={"sold": "%d.%m.%Y"})
    table = to_types(raw, dropped)  # to split by, say
    assert table["sold"].iloc[0] == pd.Timestamp("2024-01-31")
    assert infer_roles(table, dropped) == Columns(numeric=["x"], drop=["sold"])


def test_roles_are_those_of_all_rows_however_few_are_left() -> None:
    raw = pd.DataFrame({"key": range(60), "code": ["007", "008"] * 30, TARGET: ["a", "b"] * 30})
    data = data_of()
    table = to_types(raw, data)
    for rows in (table, table[:1], table.reset_index(drop=True)):
        assert infer_roles(rows, data) == Columns(categorical=["code"], drop=["key"])


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        ({"sold": "%d.%m.%Y %Q"}, "'%d.%m.%Y %Q' of 'sold' is not a format such as %d.%m.%Y"),
        ({"x": "%d.%m.%Y"}, "date_formats has 'x', which is in columns.numeric and so not a date"),
        ({TARGET: "%d.%m.%Y"}, f"date_formats has {TARGET!r}, which is target and so not a date"),
    ],
)
def test_a_format_that_makes_no_sense_is_a_line(formats: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        data_of(columns={"numeric": ["x"]}, date_formats=formats)


N = np.arange(100)
CLASSES = pd.Series(N % 3).map({0: "a", 1: "b", 2: "c"})
AMOUNTS = pd.Series(np.sin(N))


@pytest.mark.parametrize(
    ("task", "column", "target", "equals"),
    [
        ("classification", CLASSES.map({"a": "1", "b": "2", "c": "3"}), CLASSES, True),
        ("classification", CLASSES.map({"a": 1, "b": 2, "c": 3}), CLASSES, True),
        ("classification", CLASSES.where(N != 50, "other"), CLASSES, True),
        ("classification", CLASSES.where(N > 10, "a"), CLASSES, False),
        ("classification", pd.Series(N).astype("str"), CLASSES, False),  # a value a row
        (
            "classification",
            pd.Series(["x", "y"] * 50),
            pd.Series(["a"] * 99 + ["b"]),
            False,
        ),  # one class is rare
        ("classification", CLASSES[:19], CLASSES[:19], False),
        ("classification", AMOUNTS, (AMOUNTS > 0.3).map({True: "yes", False: "no"}), True),
        (
            "classification",
            AMOUNTS,
            pd.cut(AMOUNTS, [-2, -0.6, 0, 2], labels=["z", "a", "m"]).astype("str"),
            True,
        ),
        ("classification", AMOUNTS, AMOUNTS.rank().gt(96).astype("str"), False),
        ("classification", AMOUNTS, AMOUNTS.rank().gt(95).astype("str"), True),
        ("classification", AMOUNTS, (AMOUNTS.abs() > 0.3).map({True: "yes", False: "no"}), False),
        ("classification", AMOUNTS, (AMOUNTS > 0.3).where(N % 9 > 0, True).astype("str"), False),
        ("classification", AMOUNTS, pd.Series(N).astype("str"), False),
        ("regression", AMOUNTS * 2.54 + 7, AMOUNTS, True),
        ("regression", (AMOUNTS * -3).astype("str"), AMOUNTS, True),
        ("regression", AMOUNTS.where(N != 50), AMOUNTS, True),
        ("regression", np.exp(5 * AMOUNTS), AMOUNTS, True),
        ("regression", AMOUNTS + np.cos(7 * N) / 10, AMOUNTS, False),
        ("regression", CLASSES, AMOUNTS, False),
        ("regression", pd.Series([1.0] * 100), AMOUNTS, False),
    ],
)
def test_what_all_but_equals_the_target_is_seen(
    task: str, column: "pd.Series[Any]", target: "pd.Series[Any]", equals: bool
) -> None:
    assert all_but_equals(column.rename("x"), target.rename(TARGET), data_of(task)) is equals
    roles = decide(pd.DataFrame({"x": column, TARGET: target}), data_of(task, columns={"text": ["x"]}))
    assert roles[0].doubt == (LEAK if equals else "")


@pytest.mark.parametrize("role", ["numeric", "categorical"])
def test_a_number_with_its_unit_is_compared_as_a_number(role: str) -> None:
    """In parts it is typed before it is compared: both have to see the same."""
    cells, target = AMOUNTS.map("{:.3f} kg".format), (AMOUNTS > 0.3).map({True: "yes", False: "no"})
    cells[5] = "unknown"
    of = data_of(columns={role: ["x"]}, units={"x": "kg"})
    assert all_but_equals(cells.rename("x"), target.rename(TARGET), of) is (role == "numeric")
