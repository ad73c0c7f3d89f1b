"""The role of a column that params.yaml does not list, inferred from its cells, with a reason and any doubt.

Nothing is guessed: a column is numeric if every cell is a number as declared, a date if every cell is a date
in ISO 8601, and otherwise text as it stands. If it looks like something else, or like nothing to learn from,
it is in doubt, and the doubt says what to write. Until then, the column has the role that does the least
harm. If nearly every row has its own value, it is not a feature (`drop`): a model learns nothing from such a
category, which would be a feature for each row, and a row number would tell the model what a sorted table was
sorted by.
"""

from dataclasses import replace
from typing import Any

import pandas as pd
from pandas.api import types

from .cells import BOOLEANS
from .dates import read_dates
from .disguises import doubt_of_text
from .evidence import FEW_ROWS, GROUPS, ID, ID_OR_DROP, OWN_VALUES, Cells, Inferred
from .numbers import not_read
from .whole_numbers import infer_numbers

# with so many different values per cell, most texts are in one row only, so that a category cannot be learned
RARE_VALUES = 0.5
# texts with so many words on average are sentences; a person's name has up to four
SENTENCE = 5
# the share of cells with the same value from which on the others hardly count
ONE_VALUE = 0.999
# the share of cells that are numbers, or dates, from which on the others are the strange ones
MOST = 0.5
NAMED = 3  # rows that a doubt names
FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1

DROP = "put it into data.columns.drop"
OWN = f"nearly each row has its own: {ID_OR_DROP}"
RARE = "most rows have a value of their own: put it into data.columns.text, categorical or drop"
CORRECT = "correct them, add what stands for nothing to data.missing, or put it into data.columns.categorical"


def infer(
    column: "pd.Series[Any]", decimal: str = ".", thousands: str | None = None, unit: str | None = None
) -> Inferred:
    """Infer what a column is.

    Args:
        column: n cells as they were read; the series has the column's name.
        decimal: the decimal mark of its numbers, as params.yaml declares it; likewise for the others.
        thousands: the character between groups of three digits.
        unit: the unit before or after a number.
    """
    cells = Cells(column, decimal, thousands, unit)
    if not len(cells):
        return Inferred("drop", "no cell holds anything", f"it is empty: {DROP}")
    commonest = cells.sample.mode().iloc[0]
    same = int((cells.present == commonest).sum())
    if same == cells.rows >= FEW_ROWS:
        return Inferred("drop", "all cells hold the same", f"it has one value: {DROP}")
    inferred = _truth(cells) or _dates(cells) or infer_numbers(cells) or _text(cells)
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


def _text(cells: Cells) -> Inferred:
    """Take cells for categories or for text; for neither if they name the rows."""
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
    """Say which cells are strange, if most of them are numbers or dates."""
    for kind, read in (("numbers", cells.read_numbers), ("dates", read_dates)):
        if not_read(cells.sample, read(cells.sample)).mean() > 1 - MOST:
            continue
        strange = not_read(cells.present, read(cells.present))
        rows = ", ".join(f"{row + FIRST_ROW}" for row in cells.present.index[strange][:NAMED])
        more = f" and {strange.sum() - NAMED:,} more" if strange.sum() > NAMED else ""
        share = int(100 * (1 - strange.mean()))
        return f"{share} % of the cells are {kind}, but not row {rows}{more}: {CORRECT}"
    return ""
