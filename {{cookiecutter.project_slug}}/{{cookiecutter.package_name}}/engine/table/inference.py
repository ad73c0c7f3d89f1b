"""What a column is that params.yaml does not list, told by its cells: with the reason, and what is in doubt.

Nothing is guessed: a column is numeric if every cell is a number as declared, a date if every cell is one
of ISO 8601, and else text as it stands. What looks like something else, or like nothing to learn from, is
in doubt, which says what to write. Until then the column has the role that does the least harm. That is no
feature (`drop`) where nearly each row has a value of its own: as a category it teaches nothing and is a
feature a row, and a row number would tell the model what a sorted table was sorted by.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
from pandas.api import types

from .cells import BOOLEANS
from .dates import read_dates
from .disguises import doubt_of_text
from .numbers import not_read, read_numbers
from .remedy import Remedy

# in a table of fewer rows nearly any column has one value, or another one in each row
FEW_ROWS = 20
# different values per cell from which they name the rows, as 1,807 in 1,900 rows do
OWN_VALUES = 0.9
# different values per cell from which most texts stand in one row alone, so that a category cannot be learned
RARE_VALUES = 0.5
# words in a text, on average, from which it is a sentence; a person's name, which is none, has up to four
SENTENCE = 5
# cells with the same value from which the others hardly count
ONE_VALUE = 0.999
# a whole number from which float64 keeps not all digits, so that two ids would become one
TOO_LONG = 1e15
# how far whole numbers reach, per row, if they number the rows with some gaps
NUMBERED = 2
# pairs of equal numbers to be expected, had they been drawn from all between the least and the greatest, from
# which it is no chance that there is none: of amounts, such as populations, all may differ
PAIRS = 2
# whole numbers that are taken for years: one a row is no row number
YEARS = (1500, 2200)
# how many whole numbers, from 1 on, may be codes: a count begins with 0, and of two values each is a code
CODES = range(3, 13)
# values of a column of ids up to which they name groups of rows
GROUPS = 50
# cells that are numbers, or dates, from which it is the others that are strange
MOST = 0.5
SAMPLE = 20_000  # cells that suffice to see what they look like
NAMED = 3  # rows that a doubt names
FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1

ID = re.compile(
    r"(?i:unnamed: ?\d+|index|id|identifier|key|uuid|guid|row[ _]?(names?|id|no|number))"
    r"|(?i:.*[_ .-](id|key|uuid))"
    r"|.*[a-z]I[dD]"
)
DROP = "put it into data.columns.drop"
ID_OR_DROP = "put it into data.columns.id, if rows that share a value belong together, or into drop"
OWN = f"nearly each row has its own: {ID_OR_DROP}"
RARE = "most rows have a value of their own: put it into data.columns.text, categorical or drop"
CORRECT = "correct them, add what stands for nothing to data.missing, or put it into data.columns.categorical"


@dataclass(frozen=True)
class Inferred:
    """What a column is taken for.

    Attributes:
        role: one of `params.Columns`.
        reason: why, in a person's words.
        doubt: what may be wrong with it, and what to write; empty if nothing.
        remedy: what to write, as values; None if that is for a person to decide.
    """

    role: str
    reason: str
    doubt: str = ""
    remedy: Remedy | None = None


class Cells:
    """The cells of a column that are not empty, and what several questions ask of them."""

    def __init__(
        self, column: "pd.Series[Any]", decimal: str, thousands: str | None, unit: str | None
    ) -> None:
        """Take n cells, and how numbers are declared to be written."""
        self.name, self.rows = str(column.name), len(column)
        self.present = column.dropna()
        self.decimal, self.thousands, self.unit = decimal, thousands, unit

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.present)

    @cached_property
    def is_number(self) -> bool:
        """Whether each is a number by its type, and not by what is written."""
        return types.is_numeric_dtype(self.present) and not types.is_bool_dtype(self.present)

    @cached_property
    def sample(self) -> "pd.Series[Any]":
        """Some of them, from all over the table."""
        return self.present.iloc[:: max(1, len(self) // SAMPLE)]

    @cached_property
    def distinct(self) -> int:
        """How many different ones there are."""
        return int(self.present.nunique())

    @cached_property
    def numbers(self) -> "pd.Series[Any]":
        """Each as a number; NaN if it is none."""
        return self.read_numbers(self.present)

    def read_numbers(self, cells: "pd.Series[Any]") -> "pd.Series[Any]":
        """Read some of them as numbers."""
        return read_numbers(cells, self.decimal, self.thousands, self.unit)

    @property
    def counted(self) -> str:
        """How many different ones there are, in words."""
        return f"{self.distinct:,} different values in {len(self):,} cells"

    def differ(self, least: float) -> bool:
        """Tell whether there are this many different values per cell, or more, in more than a few rows."""
        return len(self) >= FEW_ROWS and self.distinct >= least * len(self)


def infer(
    column: "pd.Series[Any]", decimal: str = ".", thousands: str | None = None, unit: str | None = None
) -> Inferred:
    """Infer what a column is.

    Args:
        column: n cells as they were read; its name is the column's.
        decimal: of its numbers, as params.yaml declares it; and so for the others.
        thousands: between groups of three digits.
        unit: before or behind a number.
    """
    cells = Cells(column, decimal, thousands, unit)
    if not len(cells):
        return Inferred("drop", "no cell holds anything", f"it is empty: {DROP}")
    commonest = cells.sample.mode().iloc[0]
    same = int((cells.present == commonest).sum())
    if same == cells.rows >= FEW_ROWS:
        return Inferred("drop", "all cells hold the same", f"it has one value: {DROP}")
    inferred = _truth(cells) or _dates(cells) or _numbers(cells) or _text(cells)
    others = len(cells) - same
    if inferred.doubt or len(cells) < FEW_ROWS or others > max(1, (1 - ONE_VALUE) * len(cells)) or not others:
        return inferred
    return replace(inferred, doubt=f"all but {others} of {len(cells):,} cells hold the same: {DROP}")


def _truth(cells: Cells) -> Inferred | None:
    words = {*BOOLEANS, *BOOLEANS.values()}
    if types.is_bool_dtype(cells.present) or (not cells.is_number and cells.present.isin(words).all()):
        return Inferred("categorical", "all cells are true or false")
    return None


def _dates(cells: Cells) -> Inferred | None:
    if read_dates(cells.sample).isna().any() or (dates := read_dates(cells.present)).isna().any():
        return None
    return Inferred("date", f"all {len(dates):,} cells are dates")


def _numbers(cells: Cells) -> Inferred | None:
    """Take cells for numbers, if each is one; whole numbers may be ids, or codes."""
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
    """Take whole numbers for what names rows, or groups of them, if they look like that."""
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


def _text(cells: Cells) -> Inferred:
    """Take cells for categories, or for text; or for neither, if they name the rows."""
    sample = cells.sample.astype("str")
    looks = doubt_of_text(cells.present.astype("str"), sample, cells.decimal, cells.thousands)
    doubt, remedy = (looks.text, looks.remedy) if looks else (_mostly(cells), None)
    if cells.differ(RARE_VALUES):
        if not doubt and sample.str.count(r"\S+").mean() >= SENTENCE:
            sentences = f"sentences, {cells.counted}"
            return Inferred("text", sentences, "if it is text, put it into data.columns.text, else into drop")
        if cells.differ(OWN_VALUES):
            return Inferred("drop", cells.counted, doubt or OWN, remedy)
        doubt = doubt or RARE
    elif ID.fullmatch(cells.name) and cells.distinct > GROUPS:
        return Inferred("drop", cells.counted, doubt or f"it is an id by its name: {ID_OR_DROP}", remedy)
    return Inferred("categorical", cells.counted, doubt, remedy)


def _mostly(cells: Cells) -> str:
    """Say which cells are strange, if most are numbers, or dates."""
    for kind, read in (("numbers", cells.read_numbers), ("dates", read_dates)):
        if not_read(cells.sample, read(cells.sample)).mean() > 1 - MOST:
            continue
        strange = not_read(cells.present, read(cells.present))
        rows = ", ".join(f"{row + FIRST_ROW}" for row in cells.present.index[strange][:NAMED])
        more = f" and {strange.sum() - NAMED:,} more" if strange.sum() > NAMED else ""
        share = int(100 * (1 - strange.mean()))
        return f"{share} % of the cells are {kind}, but not row {rows}{more}: {CORRECT}"
    return ""
