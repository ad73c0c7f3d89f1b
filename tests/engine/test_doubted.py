"""Cells that may stand for nothing, and categories that may be one: a doubt says so; none is changed."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.params import Columns, Data
from penguins.engine.table.files import read_file
from penguins.engine.table.roles import Role, decide
from penguins.engine.table.sentinels import sentinels
from penguins.engine.table.target import doubt_of_counts

N = 100
RANDOM = np.random.default_rng(0)
AGES = RANDOM.integers(18, 80, N).astype("float64")
TARGET = "kind"


def with_(*values: float) -> "pd.Series[Any]":
    """Return ages, among which each value stands three times."""
    return pd.Series([*AGES, *np.repeat(values, 3)])


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (AGES, []),
        (with_(-999), [-999]),
        (with_(999, 998), [998, 999]),
        (with_(-99, 9999), [-99, 9999]),
        (with_(99), []),  # it is near: perhaps an age
        (with_(-9), [-9]),  # the only negative number
        ([*(AGES - 40), *[-9] * 3], []),
        ([*AGES, -999], []),  # once is a slip
        ([1, 2, 3, 4, 5] * 9 + [9] * 3, []),
        ([1, 2] * 9 + [9] * 3, [9]),
        ([0, 1] * 20, []),
        ([0] * 20 + [999] * 20, []),  # two values are two values
        (with_(-1000), [-1000]),
        (with_(200), []),  # another number has to be far away
        ([*AGES + 1950, 0, 0], []),  # a zero may be an amount
        ([*AGES * 1000, -999, -999], [-999]),
        ([*AGES / 1000, 0.5, 0.5], []),
        (RANDOM.lognormal(0, 3, N).round(), []),
        (np.append(RANDOM.exponential(1, N), [99999] * 5), [99999]),
    ],
)
def test_a_number_for_nothing_is_seen(numbers: Any, found: list[float]) -> None:
    assert sentinels(np.array(numbers, dtype="float64")) == found


def roles_of(cells: dict[str, Any], task: Any = "classification", **data: Any) -> list[Role]:
    target = AGES + np.arange(N) % 7 if task == "regression" else ["a", "b"] * (N // 2)
    rows = pd.DataFrame({TARGET: target, **cells})
    return decide(rows, Data(task=task, path=Path("table.csv"), target=TARGET, **data))


@pytest.mark.parametrize("listed", [False, True])
def test_a_doubt_says_what_to_write_and_changes_nothing(listed: bool) -> None:
    data: dict[str, Any] = {"columns": Columns(numeric=["the age"])} if listed else {}
    (_, role) = roles_of({"the age": with_(-999)[3:].to_numpy()}, **data)
    assert role.role == "numeric"
    assert role.remedy is None
    assert role.doubt == (
        "-999 in 3 % of the cells is far outside of all others: if that stands for a missing value, "
        "write data.missing_in: {the age: ['-999']} (or adopt with --missing 'the age=-999')"
    )


def test_a_number_is_named_as_it_is_written() -> None:
    cells = [f"{age:.0f} kg" for age in AGES[2:]] + ["9,999 kg"] * 2
    (_, role) = roles_of({"x": cells}, units={"x": "kg"}, format={"thousands": ","})
    assert "write data.missing_in: {x: ['9,999 kg']}" in role.doubt


def test_the_target_has_such_numbers_too() -> None:
    (role,) = roles_of({TARGET: np.where(np.arange(N) < 2, 9999, AGES)}, "regression")
    assert role.doubt.startswith("9999 in 2 % of the cells is far outside")


def test_another_doubt_stays() -> None:
    (_, role) = roles_of({"x": [1.0, 2.0, 3.0, 3.0, 9999.0] * (N // 5)})
    assert role.doubt.startswith("few different whole numbers: if codes, ")
    assert "; also 9999 in 20 % of the cells is far outside of all others" in role.doubt


def test_categories_that_differ_only_in_case_or_blanks_are_named_by_their_rows() -> None:
    """A doubt does not show what is in a cell of a feature."""
    words = ["yes", "no", "no", "Yes", "yes", "a  b", "a b", "a b", "yes ", "yes"] * (N // 10)
    for columns in (Columns(), Columns(categorical=["x"])):
        (_, role) = roles_of({"x": words}, columns=columns)
        assert role.doubt == (
            "3 values differ from another one only in case or blanks, as in row 5, 7, 10: "
            "if they are the same, make them one in a stage before validate"
        )
    assert roles_of({"x": ["yes", "no"] * (N // 2)})[1].doubt.startswith("nearly equals the target")
    assert roles_of({"x": ["yes", "no", "0", "1", "x"] * (N // 5)})[1].doubt == ""


def test_classes_that_differ_only_in_case_or_blanks_are_named() -> None:
    data = Data(task="classification", path=Path("table.csv"), target=TARGET)
    assert doubt_of_counts({"Yes": 1000, "no": 20, "yes ": 3, "NO": 2}, data) == (
        "'Yes' (1,000 rows) and 'yes ' (3 rows), 'no' (20 rows) and 'NO' (2 rows) differ only in case or "
        "blanks: if that is one class, make them one in a stage before validate"
    )
    both = doubt_of_counts({"Yes": 9, "yes": 5, "?": 1}, data)
    assert re.match(r"'\?' in 1 rows is a class.*; also 'Yes' \(9 rows\) and 'yes' \(5 rows\) differ", both)
    assert doubt_of_counts({"yes": 9, "no": 5}, data) == ""


@pytest.mark.parametrize("role", ["numeric", None])
def test_what_is_listed_as_missing_is_that_however_the_number_is_written(
    tmp_path: Path, role: str | None
) -> None:
    """In CSV as in parquet; a category is a word, and is missing as it is written only."""
    file = tmp_path / "table.csv"
    file.write_text("x,code,kind\n1.5,-999.0,a\n-999.0,-999,b\n-999,7,a\n2,8,b\n")
    listed = {"categorical": ["code"], **({role: ["x"]} if role else {})}
    data = Data(task="classification", path=file, target=TARGET, missing=["-999"], columns=Columns(**listed))
    raw, _ = read_file(data)
    assert raw["x"].isna().tolist() == [False, True, True, False]
    assert raw["code"].isna().tolist() == [False, True, False, False]
