from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.params import Columns, Data
from penguins.engine.split.identity import row_keys
from penguins.engine.split.rule import is_test
from penguins.engine.table.description import Description
from penguins.engine.table.reading import read_raw
from penguins.engine.table.roles import infer_roles
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import read_validated
from penguins.engine.validation import running
from penguins.engine.validation.numbers import check_numbers
from penguins.engine.validation.page import Checked, page
from penguins.engine.validation.running import check, check_expectations
from penguins.engine.validation.suite import load_suite
from penguins.params import load_params

from tests.engine.conftest import ROOT, TARGET, make_table
from tests.engine.tasks import BOTH, CLASSIFICATION, Task


def test_columns_get_the_type_of_their_role(project: Path) -> None:
    params = load_params()
    frame = to_types(read_raw(params), params.data)
    assert {name for name in frame if frame[name].dtype == "float64"} >= {"width", "height", "unused"}
    assert frame["code"].iloc[7] == "007"
    assert frame["colour"].isna().sum() == 8


def test_a_cell_that_is_no_number_is_named(project: Path) -> None:
    table = make_table().astype({"height": "str"})
    table.loc[5, "height"] = "tall"
    table.to_csv("data/raw/table.csv", index=False)
    params = load_params()
    raw = read_raw(params)
    wrong = check_numbers(raw, to_types(raw, params.data))
    assert [(result.column, result.rows, result.values) for result in wrong] == [("height", [7], ["tall"])]
    suite = load_suite(Path("expectations/penguins.yaml"))
    table = to_types(raw, params.data)
    assert check(raw, table, suite) == [*wrong, *check_expectations(table, suite)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "cannot be read as a table"),
        (b"\xff\xfe\x00\xff", "cannot be read"),
        (b"width;colour\n1;red\n", r"write data.format: \{separator: ';'\} in params.yaml"),
        (b"width,width\n1,2\n", "more than one column width"),
        (b"width,colour\n1,red,\n2,blue,\n", "line 2 has 3 cells, and the header 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line(project: Path, content: bytes | None, says: str) -> None:
    path = project / "data/raw/table.csv"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=says):
        read_raw(load_params())


@pytest.mark.parametrize("content", [b"", b"PAR1 is how such a file begins, and ends: PAR1"])
def test_a_validated_table_that_cannot_be_read_is_one_line(project: Path, content: bytes) -> None:
    (project / "data/validated.parquet").write_bytes(content)
    with pytest.raises(UserError, match=r"validated.parquet: cannot be read .*; `dvc repro validate` makes"):
        read_validated(load_params())


def test_a_column_that_is_not_there_is_one_line(project: Path) -> None:
    make_table().drop(columns="colour").to_csv("data/raw/table.csv", index=False)
    with pytest.raises(UserError, match=r"params.yaml:7: data.columns.categorical.0: .* no column 'colour'"):
        read_raw(load_params())


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_columns_without_a_role_are_inferred(task: str) -> None:
    frame = pd.DataFrame({"a": [1.0], "b": ["x"], "c": ["y"], TARGET: ["z"]})
    data = Data.model_validate({"task": task, "path": "x.csv", "target": TARGET, "columns": {"text": ["c"]}})
    assert infer_roles(frame, data) == Columns(numeric=["a"], categorical=["b"], text=["c"])


def test_the_projects_own_expectations_are_right() -> None:
    assert load_suite(ROOT / "expectations/penguins.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("_to_be_between", "_to_be_betwen", 2, "did you mean 'expect_column_values_to_be_between'?"),
        ("min_value", "min_valeu", 2, "did you mean 'min_value'?"),
        ("min_value: 0", "min_value: low", 2, "not a valid float"),
        ("severity: warning", "severity: grave", 6, "permitted: 'critical', 'warning', 'info'"),
        ("column: colour", "colour: column", 6, "unknown argument"),
        ("expectations:", "expectation:", 1, "needs a list `expectations`"),
    ],
)
def test_a_mistake_in_the_expectations_stops_with_its_place(
    project: Path, old: str, new: str, line: int, says: str
) -> None:
    path = Path("expectations/penguins.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_suite(path)
    message = next(found for found in str(caught.value).splitlines() if says in found)
    assert message.startswith(f"{path}:{line}: ")


def test_failing_rows_are_named(project: Path) -> None:
    table = make_table()
    table.loc[[3, 8], "width"] = [-1.0, -2.5]
    width, colour = check_expectations(table, load_suite(Path("expectations/penguins.yaml")))
    assert (width.passed, width.failed, width.severity) == (False, 2, "critical")
    assert (width.rows, width.values) == ([5, 10], ["-1.0", "-2.5"])
    assert (colour.passed, colour.severity, colour.column) == (False, "warning", "colour")


def test_rows_are_named_without_a_column_more(project: Path) -> None:
    Path("suite.yaml").write_text(
        "expectations:\n"
        "  - {type: expect_table_column_count_to_equal, value: 2}\n"
        "  - {type: expect_column_values_to_be_between, column: row, min_value: 0}\n"
        "  - {type: expect_column_pair_values_to_be_equal, column_A: row, column_B: other}\n",
        encoding="utf-8",
    )
    table = pd.DataFrame({"row": [1.0, -1], "other": [1.0, 2]})
    count, row, pair = check_expectations(table, load_suite(Path("suite.yaml")))
    assert count.passed
    assert (row.rows, row.values) == ([3], ["-1.0"])
    assert (pair.column, pair.rows, pair.values) == ("row, other", [3], ["-1.0, 2.0"])


def test_rules_on_a_large_table_are_checked_column_by_column(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [
        "expect_table_row_count_to_equal, value: 9",
        "expect_column_values_to_be_between, column: width, min_value: 2",
        "expect_column_values_to_not_be_null, column: colour",
        "expect_column_pair_values_to_be_equal, column_A: width, column_B: height",
        "expect_column_values_to_not_be_null, column: width",
        "expect_column_values_to_not_be_null, column: gone",
        "expect_table_column_count_to_equal, value: 7",
    ]
    lines = "".join(f"  - {{type: {rule}}}\n" for rule in rules)
    Path("suite.yaml").write_text(f"expectations:\n{lines}", encoding="utf-8")
    table, suite = make_table(), load_suite(Path("suite.yaml"))
    at_once = check_expectations(table, suite)
    monkeypatch.setattr(running, "LARGE", 0)
    checked, run = [], running._run

    def run_some(frame: Any, some: Any) -> Any:
        checked.append([*some])
        return run(frame, some)

    monkeypatch.setattr(running, "_run", run_some)
    assert check_expectations(table, suite) == at_once
    assert checked == [[0, 5], [1, 4], [2], [3], [6]]


def test_what_stands_in_cells_is_told_only_if_it_is_to_be(project: Path) -> None:
    Path("suite.yaml").write_text(
        "expectations:\n"
        "  - {type: expect_table_row_count_to_equal, value: 9}\n"
        "  - {type: expect_column_values_to_be_in_set, column: name, value_set: [x]}\n"
        "  - {type: expect_column_most_common_value_to_be_in_set, column: name, value_set: [x]}\n"
        "  - {type: expect_column_max_to_be_between, column: age, max_value: 1}\n"
        "  - {type: expect_column_mean_to_be_between, column: name, max_value: 1}\n",
        encoding="utf-8",
    )
    table = pd.DataFrame({"name": ["Ada", "Bob"], "age": [91.0, 92.0]})
    results = check_expectations(table, load_suite(Path("suite.yaml")))
    shown, told = (" ".join(map(str, r)) for r in (results, [r.without_values() for r in results]))
    checked = Checked("table.csv", "md5", results)
    page_told = page(checked, False)
    for value in ("Ada", "Bob", "92.0"):
        assert value in shown
        assert value in page(checked, True)
        assert value not in told
        assert value not in page_told
    for word in ("observed 2", "row 2, row 3", "greatest value at most 1: does not hold", "could not run"):
        assert word in told


def test_infinity_is_no_number(project: Path) -> None:
    raw = make_table().assign(width=float("inf"))
    wrong = check_numbers(raw, to_types(raw, load_params().data))
    assert [(result.column, result.failed) for result in wrong] == [("width", 120)]


def test_a_check_that_cannot_run_has_failed(project: Path) -> None:
    width, _ = check_expectations(
        make_table().drop(columns="width"), load_suite(Path("expectations/penguins.yaml"))
    )
    assert not width.passed
    assert "could not run" in width.note


@BOTH
def test_a_dataset_is_divided_and_let_go(project: Path, task: Task) -> None:
    task.set_up(project)
    task.module("engine.stage").run("validate")
    params = task.module("engine.judging.checks").load_checked_params()
    data = task.module("engine.split.dataset").Dataset(params)
    rows = task.module("engine.table.validated").read_validated(params)
    features = ["width", "height", "colour", "note"]
    side = is_test(rows, params.split, row_keys(rows, ["code"]))
    kind = "U" if task is CLASSIFICATION else "f"  # no objects, which scikit-learn would take long to sort
    for table, part, chosen in ((data.train_rows, data.train(), ~side), (data.test_rows, data.test(), side)):
        pd.testing.assert_frame_equal(table[list(rows.columns)], rows[chosen])
        pd.testing.assert_frame_equal(part.features[features], rows[features][chosen])
        pd.testing.assert_series_equal(part.actual, rows[task.target][chosen])
        pd.testing.assert_frame_equal(part.groups, rows[["colour"]][chosen])
        assert list(part.features.columns) == features
        assert part.target.dtype.kind == kind
        assert part.target.tolist() == rows[task.target][chosen].tolist()
        assert len(part) == chosen.sum()
    assert data.train_target.tolist() == rows[task.target][~side].tolist()
    description, learned = data.description, data.learned.digest
    data.test()
    assert not {"_divided", "_target", "train_rows", "test_rows"} & vars(data).keys()
    Path("data/validated.parquet").rename("elsewhere.parquet")  # what is small has been kept
    assert (data.description, data.learned.digest) == (description, learned)
    assert data.train_target.tolist() == rows[task.target][~side].tolist()
    Path("elsewhere.parquet").rename("data/validated.parquet")
    pd.testing.assert_frame_equal(data.rows, rows)


def test_a_description_says_type_and_gaps() -> None:
    table = pd.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x", None], "d": [True, False]})
    found = Description.of(table)
    assert (found.rows, found.types) == (2, {"a": "long", "b": "double", "c": "string", "d": "boolean"})
    assert found.complete == {"a", "d"}
