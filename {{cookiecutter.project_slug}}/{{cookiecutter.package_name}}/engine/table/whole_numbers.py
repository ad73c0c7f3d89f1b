"""Whether the cells of a column are numbers; whole ones may be ids, codes or days."""

from typing import Any

import pandas as pd

from .dates import read_dates
from .evidence import FEW_ROWS, GROUPS, ID, ID_OR_DROP, OWN_VALUES, Cells, Inferred
from .numbers import not_read
from .remedy import Remedy

# from this whole number on, float64 does not keep all digits, so that two ids could become one
TOO_LONG = 1e15
# how far whole numbers reach, per row, at most if they number the rows with some gaps
NUMBERED = 2
# if so many pairs of equal numbers are to be expected among random numbers of the same range, it is no
# coincidence that there are none; amounts, such as populations, may all differ by chance
PAIRS = 2
# whole numbers that are taken for years: a different one in each row is not a row number
YEARS = (1500, 2200)
# how many whole numbers, from 1 on, may be codes: a count begins with 0, and two values are always codes
CODES = range(3, 13)


def infer_numbers(cells: Cells) -> Inferred | None:
    """Take cells for numbers if each one is; whole numbers may be ids or codes."""
    if not cells.is_number:
        if not_read(cells.sample, cells.read_numbers(cells.sample)).any():
            return None
        if not_read(cells.present, cells.numbers).any():
            return None
    numbers = cells.numbers.dropna()
    if (numbers % 1 != 0).any():
        return Inferred("numeric", f"all {len(cells):,} cells are numbers")
    padded = not cells.is_number and bool(cells.present.astype("str").str.fullmatch(r"0\d+").any())
    return _ids(cells, numbers, padded) or _whole(cells, numbers)


def _ids(cells: Cells, numbers: "pd.Series[Any]", padded: bool) -> Inferred | None:
    """Take whole numbers for names of rows, or of groups of rows, if they look like that."""
    long = bool((numbers.abs() >= TOO_LONG).any())
    is_id, own = bool(ID.fullmatch(cells.name)), cells.differ(OWN_VALUES)
    numbered = numbers.max() - numbers.min() < NUMBERED * len(cells) and not numbers.between(*YEARS).all()
    if own and (long or padded or is_id or numbered):
        return Inferred("drop", f"whole numbers, {cells.counted}", f"it names rows: {ID_OR_DROP}")
    if long or is_id:
        why = "has 16 digits or more" if long else "is an id by its name"
        role = "categorical" if cells.distinct <= GROUPS else "drop"
        return Inferred(role, f"whole numbers, {cells.counted}", f"it {why}: {ID_OR_DROP}")
    return Inferred("categorical", "codes: some begin with 0") if padded else None


def _whole(cells: Cells, numbers: "pd.Series[Any]") -> Inferred:
    """Take whole numbers for numbers, and say what else they may be."""
    reason, doubt = f"all {len(cells):,} cells are whole numbers", ""
    as_days = numbers.between(19000101, 21001231).all()
    if as_days and read_dates(numbers.astype("int64"), "%Y%m%d").notna().all():
        remedy = Remedy(date_formats={cells.name: ("%Y%m%d",)})
        return Inferred("numeric", reason, f"all cells are dates: {remedy.text}", remedy)
    if cells.differ(1) and _differ_on_purpose(numbers):
        doubt = f"no two cells are the same: if it names rows, {ID_OR_DROP}, else into numeric"
    elif len(cells) >= FEW_ROWS and numbers.min() >= 1 and cells.distinct in CODES:
        doubt = "few different whole numbers: if codes, put it into data.columns.categorical, else numeric"
    return Inferred("numeric", reason, doubt)


def _differ_on_purpose(numbers: "pd.Series[Any]") -> bool:
    """Tell whether n whole numbers, no two of which are the same, would have had some in common by chance."""
    pairs = len(numbers) ** 2 / 2
    return bool(pairs >= PAIRS * (numbers.max() - numbers.min() + 1)) and not numbers.between(*YEARS).all()
