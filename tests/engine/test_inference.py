"""What a column is taken for that params.yaml does not list: never in silence, and never by a guess."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.table.inference import infer
from penguins.engine.table.remedy import Remedy, written
from ruamel.yaml import YAML

N = 60
RANDOM = np.random.default_rng(0)
DAYS = pd.date_range("2024-01-29", periods=N).strftime
WORDS = ["a", "b", "c"] * 20
SENTENCES = [f"the customer of row {row} was quite happy" for row in range(N)]
GOODS = RANDOM.normal(size=N).round(3)
IDS = "put it into data.columns.id, if rows that share a value belong together, or into drop"

# name, cells, role, reason, doubt
CASES: dict[str, tuple[str, Any, str, str, str]] = {
    "numbers": ("x", GOODS.astype("str"), "numeric", "all 60 cells are numbers", ""),
    "numbers by their type": ("x", GOODS, "numeric", "all 60 cells are numbers", ""),
    "numbers with gaps": ("x", [*GOODS.astype("str")[1:], None], "numeric", "all 59 cells are numbers", ""),
    "counts": ("x", ["0", "1", "2", "3"] * 15, "numeric", "all 60 cells are whole numbers", ""),
    "0 and 1": ("x", ["0", "1"] * 30, "numeric", "all 60 cells are whole numbers", ""),
    "codes": (
        "x",
        ["1", "2", "3"] * 20,
        "numeric",
        "all 60 cells are whole numbers",
        "few different whole numbers: if codes, put it into data.columns.categorical, else numeric",
    ),
    "words": ("x", WORDS, "categorical", "3 different values in 60 cells", ""),
    "true and false": ("x", ["True", "False"] * 30, "categorical", "all cells are true or false", ""),
    "booleans": ("x", [True, False] * 30, "categorical", "all cells are true or false", ""),
    "dates": ("x", DAYS("%Y-%m-%d"), "date", "all 60 cells are dates", ""),
    "times": ("x", DAYS("%Y-%m-%dT%H:%M:%SZ"), "date", "all 60 cells are dates", ""),
    "dates by their type": (
        "x",
        pd.date_range("2024-01-29", periods=N),
        "date",
        "all 60 cells are dates",
        "",
    ),
    "dates of Germany": (
        "x",
        DAYS("%d.%m.%Y"),
        "drop",
        "60 different values in 60 cells",
        "all cells are dates: write data.date_formats: {x: '%d.%m.%Y'}",
    ),
    "dates of either": (
        "the day",
        DAYS("0%w/0%w/%Y").str.replace("00", "07"),
        "categorical",
        "7 different values in 60 cells",
        "all cells are dates: write data.date_formats: {'the day': '%d/%m/%Y'}"
        " (or '%m/%d/%Y': only you know)",
    ),
    "dates in words": (
        "x",
        DAYS("%b %d %Y"),
        "drop",
        "60 different values in 60 cells",
        "all cells are dates: write data.date_formats: {x: '%b %d %Y'}",
    ),
    "dates as numbers": (
        "x",
        DAYS("%Y%m%d"),
        "numeric",
        "all 60 cells are whole numbers",
        "all cells are dates: write data.date_formats: {x: '%Y%m%d'}",
    ),
    "dates, some of which are none": (
        "x",
        [*DAYS("%Y-%m-%d")[3:], *["unknown"] * 3],
        "drop",
        "58 different values in 60 cells",
        "95 % of the cells are dates; 'unknown' in 3: add 'unknown' to data.missing",
    ),
    "a word for missing": (
        "x",
        ["?"] * 10 + [str(number) for number in range(50)],
        "categorical",
        "51 different values in 60 cells",
        "83 % of the cells are numbers; '?' in 10: add '?' to data.missing",
    ),
    "two words for missing": (
        "x",
        ["?", "NA"] * 5 + ["1.5", "2.5"] * 25,
        "categorical",
        "4 different values in 60 cells",
        "83 % of the cells are numbers; '?' in 5 and 'NA' in 5: add '?' and 'NA' to data.missing",
    ),
    "strange cells": (
        "x",
        ["Ada", "Bob"] + ["1.5", "2.5"] * 29,
        "categorical",
        "4 different values in 60 cells",
        "96 % of the cells are numbers, but not row 2, 3: correct them, add what stands for nothing to"
        " data.missing, or put it into data.columns.categorical",
    ),
    "units": (
        "x",
        [f"{number} kg" for number in [1, 2.5] * 30],
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers with 'kg': write data.units: {x: kg}, if that is their unit",
    ),
    "units before": (
        "price",
        [f"€{number}" for number in [1, 2.5] * 30],
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers with '€': write data.units: {price: '€'}, if that is their unit",
    ),
    "two units": (
        "x",
        ["1 kg", "20 g"] * 30,
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers with 'g' or 'kg': convert them to one unit in a stage before validate",
    ),
    "percent": (
        "x",
        ["1.5 %", "2 %", "?"] * 20,
        "categorical",
        "3 different values in 60 cells",
        "66 % of the cells are numbers with '%'; '?' in 20: add '?' to data.missing, and"
        " write data.units: {x: '%'}, if that is their unit",
    ),
    "thousands": (
        "x",
        ["1,234", "1,234,567.5"] * 30,
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers, written in another way: write data.format: {thousands: ','}",
    ),
    "thousands, or decimals": (
        "x",
        ["1,234", "2,345"] * 30,
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers, written in another way: write data.format: {thousands: ','}, or"
        " {decimal: ','} if that is what is meant",
    ),
    "decimal comma": (
        "x",
        ["1,2", "2,34"] * 30,
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers, written in another way: write data.format: {decimal: ','}",
    ),
    "thousands with a unit": (
        "x",
        ["€1,234", "€1,234,567"] * 30,
        "categorical",
        "2 different values in 60 cells",
        "all cells are numbers with '€': write data.units: {x: '€'}, if that is their unit, and"
        " write data.format: {thousands: ','}",
    ),
    "dates with the month's name": (
        "x",
        DAYS("%b-%d-%Y"),
        "drop",
        "60 different values in 60 cells",
        "all cells are dates: write data.date_formats: {x: '%b-%d-%Y'}",
    ),
    "nothing": (
        "x",
        [None] * N,
        "drop",
        "no cell holds anything",
        "it is empty: put it into data.columns.drop",
    ),
    "constant": (
        "x",
        ["1"] * N,
        "drop",
        "all cells hold the same",
        "it has one value: put it into data.columns.drop",
    ),
    "one value, or none": (
        "x",
        [*["yes"] * 30, *[None] * 30],
        "categorical",
        "1 different values in 30 cells",
        "",
    ),
    "all but one": (
        "x",
        [*["0"] * (N - 1), "7"],
        "numeric",
        "all 60 cells are whole numbers",
        "all but 1 of 60 cells hold the same: put it into data.columns.drop",
    ),
    "row numbers": (
        "x",
        [str(row) for row in range(N)],
        "drop",
        "whole numbers, 60 different values in 60 cells",
        f"it names rows: {IDS}",
    ),
    "a column of pandas' index": (
        "Unnamed: 0",
        np.arange(N) * 1000,
        "drop",
        "whole numbers, 60 different values in 60 cells",
        f"it names rows: {IDS}",
    ),
    "years": ("x", np.arange(1950, 1950 + N), "numeric", "all 60 cells are whole numbers", ""),
    "whole numbers that all differ": (
        "x",
        np.arange(N) * 10,
        "numeric",
        "all 60 cells are whole numbers",
        f"no two cells are the same: if it names rows, {IDS}, else into numeric",
    ),
    "amounts that all differ": ("x", np.arange(N) * 1000, "numeric", "all 60 cells are whole numbers", ""),
    "below a limit": (
        "x",
        ["<0.1", "0.5", "0.75"] * 20,
        "categorical",
        "3 different values in 60 cells",
        "66 % of the cells are numbers, but not row 2, 5, 8 and 17 more: correct them, add what stands for"
        " nothing to data.missing, or put it into data.columns.categorical",
    ),
    "ids of 16 digits": (
        "x",
        [f"{9007199254740993 + row // 2}" for row in range(N)],
        "categorical",
        "whole numbers, 30 different values in 60 cells",
        f"it has 16 digits or more: {IDS}",
    ),
    "codes that begin with 0": (
        "x",
        ["00012", "00345", "10000"] * 20,
        "categorical",
        "codes: some begin with 0",
        "",
    ),
    "keys that begin with 0": (
        "x",
        [f"{row:05}" for row in range(N)],
        "drop",
        "whole numbers, 60 different values in 60 cells",
        f"it names rows: {IDS}",
    ),
    "groups of rows": (
        "store_id",
        ["10", "20"] * 30,
        "categorical",
        "whole numbers, 2 different values in 60 cells",
        f"it is an id by its name: {IDS}",
    ),
    "words that all differ": (
        "x",
        [f"Person no. {row}" for row in range(N)],
        "drop",
        "60 different values in 60 cells",
        f"nearly each row has its own: {IDS}",
    ),
    "words most of which differ": (
        "x",
        [f"word {row * 2 // 3}" for row in range(N)],
        "categorical",
        "40 different values in 60 cells",
        "most rows have a value of their own: put it into data.columns.text, categorical or drop",
    ),
    "sentences": (
        "x",
        SENTENCES,
        "text",
        "sentences, 60 different values in 60 cells",
        "if it is text, put it into data.columns.text, else into drop",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_column_is_what_its_cells_say(case: tuple[str, Any, str, str, str]) -> None:
    name, cells, role, reason, doubt = case
    kind = (
        "str"
        if all(isinstance(cell, str | None) for cell in cells) and any(c is not None for c in cells)
        else None
    )
    found = infer(pd.Series(cells, name=name, dtype=kind))
    assert (found.role, found.reason, found.doubt) == (role, reason, doubt)


@pytest.mark.parametrize(
    ("cells", "remedy"),
    [
        (["1 kg", "2.5kg"], Remedy(units={"x": "kg"})),
        (["1,5", "n/a"], Remedy(format=({"decimal": ","},), missing=("n/a",))),
        (["1,234", "2"], Remedy(format=({"thousands": ","}, {"decimal": ","}))),
        (["€1.234,5", "€2"], Remedy(units={"x": "€"}, format=({"decimal": ",", "thousands": "."},))),
        (["31.01.2024", "?"], Remedy(date_formats={"x": ("%d.%m.%Y",)}, missing=("?",))),
        (["01/02/2024", "03/04/2024"], Remedy(date_formats={"x": ("%d/%m/%Y", "%m/%d/%Y")})),
        (["20240131", "20240229"], Remedy(date_formats={"x": ("%Y%m%d",)})),
        (["1 kg", "2 g"], Remedy(otherwise="convert them to one unit in a stage before validate")),
        (["a", "b"], None),
        (["0_no", "1_yes"], None),
        (["1st", "2nd", "3rd"], None),
        (["PAL0708", "PAL0809"], None),
        (["PAL 708", "PAL 809"], None),
        (["USD 708", "USD 80.5"], Remedy(units={"x": "USD"})),
    ],
)
def test_a_doubt_carries_what_it_says(cells: list[str], remedy: Remedy | None) -> None:
    found = infer(pd.Series(cells * 30, name="x", dtype="str"))
    assert found.remedy == remedy
    assert remedy is None or found.doubt.endswith(remedy.text)


def test_what_is_written_is_yaml() -> None:
    values = {
        "a b": "it's",
        "tab": "\t",
        "no": "true",
        "sign": "€",
        "lines": 3,
        "both": "'\"",
        "code": "utf-16",
    }
    assert YAML(typ="safe").load(written(values)) == values


@pytest.mark.parametrize(
    ("cells", "declared"),
    [
        (["1 kg", "2.5kg"], {"unit": "kg"}),
        (["1,234", "2"], {"thousands": ","}),
        (["1,5", "2"], {"decimal": ","}),
        (["€1.234,5", "-€2"], {"decimal": ",", "thousands": ".", "unit": "€"}),
    ],
)
def test_what_is_declared_is_a_number(cells: list[str], declared: dict[str, str]) -> None:
    found = infer(pd.Series(cells * 30, dtype="str"), **declared)
    assert (found.role, found.doubt) == ("numeric", "")


def test_of_few_rows_nothing_is_said() -> None:
    for cells in (["1"], ["a"], ["a", "b", "c"], [1.0, 1.0], ["x"] * 19):
        assert infer(pd.Series(cells, name="x")).role in ("numeric", "categorical")
        assert infer(pd.Series(cells, name="x")).doubt == ""


def test_the_few_cells_that_hardly_count_grow_with_the_table() -> None:
    doubt = "all but 3 of 6,000 cells hold the same: put it into data.columns.drop"
    assert infer(pd.Series(["0"] * 5997 + ["5"] * 3, name="x")).doubt == doubt
    assert infer(pd.Series(["0"] * 5990 + ["5"] * 10, name="x")).doubt == ""
