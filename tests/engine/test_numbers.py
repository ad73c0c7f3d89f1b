"""Numbers as people write them, read exactly and strictly."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.table.numbers import check_read, not_read, read_numbers

NO = None  # no number


@pytest.mark.parametrize(
    ("declared", "cells"),
    [
        (
            {},
            {
                "12": 12, "-1.5": -1.5, "+2": 2, ".5": 0.5, "5.": 5, "1e-3": 0.001, " 7 ": 7, "007": 7,
                "1,234": NO, "12 kg": NO, "€3": NO, "9.5 %": NO, "nan": NO, "inf": NO, "-Infinity": NO,
                "NA": NO,
                "1_000": NO, "0x10": NO, "1e999": NO, "--1": NO, "1.2.3": NO, ".": NO, "e5": NO, "٣": NO,
                "1 2": NO,
                "12\n13": NO, "True": NO,
            },
        ),
        (
            {"thousands": ","},
            {
                "1,234": 1234, "1,234,567.25": 1234567.25, "-1,234": -1234, "1234": 1234, "999": 999,
                "0.5": 0.5,
                "12,34": NO, "1,23": NO, "1234,567": NO, "1,2345": NO, ",123": NO, "1,,234": NO, "1,234,": NO,
                "1.234,5": NO,
            },
        ),
        ({"decimal": ","}, {"1,5": 1.5, "-0,25": -0.25, ",5": 0.5, "7": 7, "1.5": NO, "1,234,567": NO}),
        (
            {"decimal": ",", "thousands": "."},
            {"1.234,5": 1234.5, "1.234": 1234, "12.34": NO, "1,234.5": NO, "12.345.678": 12345678},
        ),
        (
            {"thousands": " "},
            {"1 234": 1234, "1\u00a0234,5": NO, "1\u202f234.5": 1234.5, "12 34": NO, "1\u00a0234": 1234},
        ),
        ({"thousands": "'"}, {"1'234'567": 1234567, "1'23": NO}),
        (
            {"unit": "kg"},
            {
                "12 kg": 12, "12kg": 12, "kg 12": 12, "12": 12, "-1.5 kg": -1.5, "12\u00a0kg": 12,
                "1e3 kg": 1000,
                "12 g": NO, "12 kgs": NO, "kg": NO, "kg 12 kg": NO, "12 KG": NO, "12 k g": NO,
            },
        ),
        ({"unit": "%"}, {"9.5 %": 9.5, "9.5%": 9.5, "9.5": 9.5, "9.5 %%": NO, "9.5 ‰": NO}),
        ({"unit": "€", "thousands": ","}, {"€3": 3, "-€1,234.50": -1234.5, "€-3": -3, "3 €": 3, "-€-3": NO,
        "$3": NO}),
        ({"unit": "e5"}, {"2 e5": 2, "2e5": 2e5, "7": 7}),  # a unit that looks like a number's end
        ({"unit": "m.s"}, {"2 m.s": 2, "2 mxs": NO}),
    ],
    ids=lambda value: str(value) if "1" not in str(value) else "",
)  # fmt: skip
@pytest.mark.parametrize("kind", ["str", "object"])
def test_what_is_declared_is_read_and_nothing_else(
    declared: dict[str, str], cells: dict[str, float | None], kind: str
) -> None:
    column = pd.Series([*cells, None, "", " "], dtype=kind, name="weight")
    read = read_numbers(column, **declared)
    assert read.dtype == "float64"
    found = {cell: None if np.isnan(number) else number for cell, number in zip(cells, read, strict=False)}
    assert found == cells
    assert not_read(column, read).tolist() == [number is None for number in cells.values()] + [
        False,
        False,
        True,
    ]


def test_digits_are_not_lost() -> None:
    texts = [
        "0.1",
        "1.7976931348623157e308",
        "9007199254740993",
        "3.141592653589793238",
        "2.2250738585072014e-308",
    ]
    assert read_numbers(pd.Series(texts, dtype="str")).tolist() == [float(text) for text in texts]


@pytest.mark.parametrize(
    ("column", "read"),
    [
        (np.array([1, 2]), [1, 2]),
        (np.array([True, False]), [1, 0]),
        (np.array([1.5, np.inf, -np.inf]), [1.5, None, None]),
        (pd.array([5, None], dtype="Int64"), [5, None]),
        (pd.array([5, None], dtype="int64[pyarrow]"), [5, None]),
        (pd.array([1.5, None], dtype="Float64"), [1.5, None]),
        (pd.Categorical(["1,5", None]), [1.5, None]),
        (pd.Categorical([5, 7]), [5, 7]),
        (np.array([2.5, "2,5", None, 7, True], dtype="object"), [2.5, 2.5, None, 7, 1]),
        (np.array([None, None], dtype="object"), [None, None]),
        (pd.to_datetime(["2024-01-01"]), [None]),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_what_is_a_number_already_is_taken_as_it_is(column: Any, read: list[float | None]) -> None:
    """A decimal comma is one of text: a 2.5 that came as a number is no 25."""
    found = read_numbers(pd.Series(column, index=range(7, 7 + len(column))), decimal=",")
    assert [None if np.isnan(number) else number for number in found] == read
    assert found.index[0] == 7


def test_what_was_not_read_is_named_and_not_told() -> None:
    column = pd.Series(["", "1", "many"], index=[4, 5, 6], name="weight")
    with pytest.raises(ValueError, match=r"column 'weight', row 6: no number") as caught:
        check_read(column, read_numbers(column), "number")
    assert "many" not in str(caught.value)
    check_read(column[:2], read_numbers(column[:2]), "number")
