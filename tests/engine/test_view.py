"""An expectation sees a column in the type that a person would say it has."""

from pathlib import Path

import pandas as pd
import pytest
from penguins.engine.params import Data
from penguins.engine.table.files import read_file
from penguins.engine.table.types import to_types
from penguins.engine.validation.result import Result
from penguins.engine.validation.running import check_expectations
from penguins.engine.validation.suite import load_suite

ROLES = {
    "categorical": ["flag", "truth", "half", "version", "mixed", "word", "zip"],
    "date": ["day"],
    "numeric": ["size"],
}
CSV = """\
flag,truth,half,version,mixed,word,zip,day,size,b
0,true,1.0,1,1,2024-01-05,01234,2024-01-05,1,1.0
1,false,2.5,1.0,2,2024-02-05,98765,2024-02-05,2,0.0
1,true,1.0,1.00,unknown,2024-03-05,00001,2024-03-05,3,1.0
,,,,,,,,,0.0
"""

IN_SET = "expect_column_values_to_be_in_set"
BETWEEN = "expect_column_values_to_be_between"
HOLD = [
    f"{IN_SET}, column: flag, value_set: [0, 1]",
    f"{IN_SET}, column: flag, value_set: ['0', '1']",
    f"{IN_SET}, column: flag, value_set: [0.0, 1.0]",
    f"{IN_SET}, column: truth, value_set: [true, false]",
    f"{IN_SET}, column: truth, value_set: ['true', 'false']",
    f"{IN_SET}, column: half, value_set: [1, 2.5]",
    f"{IN_SET}, column: half, value_set: ['1.0', '2.5']",
    f"{IN_SET}, column: version, value_set: [1]",
    f"{IN_SET}, column: version, value_set: ['1', '1.0', '1.00']",
    f"{IN_SET}, column: mixed, value_set: [1, 2, unknown]",
    f"{IN_SET}, column: size, value_set: ['1', '2', '3']",
    f"{IN_SET}, column: day, value_set: ['2024-01-05', 2024-02-05, 2024-03-05]",
    f"{IN_SET}, column: word, value_set: [2024-01-05, 2024-02-05, '2024-03-05']",
    f"{IN_SET}, column: b, value_set: [0, 1]",
    "expect_column_distinct_values_to_equal_set, column: flag, value_set: [0, 1]",
    "expect_column_values_to_not_be_in_set, column: flag, value_set: [2, 3]",
    f"{BETWEEN}, column: flag, min_value: 0, max_value: 1",
    f"{BETWEEN}, column: half, min_value: 1, max_value: 2.5",
    f"{BETWEEN}, column: day, min_value: 2024-01-01, max_value: 2024-12-31",
    f"{BETWEEN}, column: word, min_value: 2024-01-01, max_value: 2024-12-31",
    f"{BETWEEN}, column: b, min_value: 0, max_value: 1",
    "expect_column_mean_to_be_between, column: half, min_value: 1.49, max_value: 1.51",
    "expect_column_max_to_be_between, column: day, max_value: 2024-03-05",
    "expect_column_unique_value_count_to_be_between, column: version, min_value: 3, max_value: 3",
    "expect_column_values_to_match_regex, column: zip, regex: '^[0-9]{5}$'",
    "expect_column_value_lengths_to_equal, column: zip, value: 5",
]
ROWS = "row 2, 3, 4"
FAIL = {
    f"{IN_SET}, column: flag, value_set: [1, 2]": "row 2 (0)",
    f"{IN_SET}, column: truth, value_set: [false]": "row 2 (True), row 4 (True)",
    f"{IN_SET}, column: version, value_set: ['1', '1.0']": "row 4 (1.00)",
    f"{IN_SET}, column: mixed, value_set: [1, 2]": "row 4 (unknown)",
    f"{BETWEEN}, column: half, max_value: 2": "row 3 (2.5)",
    f"{BETWEEN}, column: word, min_value: 2024-02-01": "row 2 (2024-01-05)",
    f"{BETWEEN}, column: day, min_value: 2024-02-01": "row 2 (2024-01-05 00:00:00)",
    f"{BETWEEN}, column: mixed, max_value: 2": "could not run: 1 of 4 cells are not numbers: row 4",
    f"{BETWEEN}, column: flag, max_value: 2024-01-01": "could not run: 3 of 4 cells are not dates: " + ROWS,
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("view") / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    values = {"task": "classification", "path": str(path), "target": "b", "columns": ROLES}
    data = Data.model_validate(values)
    return to_types(read_file(data)[0], data)


def check(table: pd.DataFrame, rules: list[str], folder: Path) -> list[Result]:
    suite = folder / "suite.yaml"
    lines = [f"  - {{type: {rule}}}\n" for rule in rules]
    suite.write_text("expectations:\n" + "".join(lines), encoding="utf-8")
    return check_expectations(table, load_suite(suite))


def test_what_a_person_would_say_holds(table: pd.DataFrame, tmp_path: Path) -> None:
    results = check(table, HOLD, tmp_path)
    assert {rule: str(result) for rule, result in zip(HOLD, results, strict=True) if not result.passed} == {}


def test_what_does_not_hold_is_named_as_it_stands_in_the_table(table: pd.DataFrame, tmp_path: Path) -> None:
    results = check(table, [*FAIL], tmp_path)
    for (rule, says), result in zip(FAIL.items(), results, strict=True):
        assert not result.passed, rule
        assert str(result).endswith(f": {says}"), str(result)
