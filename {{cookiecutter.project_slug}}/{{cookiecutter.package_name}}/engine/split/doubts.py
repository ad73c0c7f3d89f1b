"""Doubts about a split: a column that repeats as a person would, or rises as time does.

Both are guesses from the table's own shape, and warnings only. A sample decides which columns are looked at
as a whole, so that a table of two million rows costs little.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Split
from ..table.dates import read_dates
from .latest import is_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SAMPLE = 20_000  # rows that decide whether a column is looked at as a whole
FEWEST_VALUES = 10  # that a column like a person, or like time, has at least
LEAST_ROWS, MOST_ROWS = 1.5, 1000  # of a person on average
MANY_VALUES, FEW_ROWS = 100, 20  # text with so many values that have so few rows on average names somebody
SAME_SHARE = 0.9  # of the values that have the same number of rows, where everybody was asked equally often
TOGETHER = 1.1  # runs of equal cells per value, where the rows of everybody stand together
YEARS = (1800, 2100)  # whole numbers between them are taken for years, not for somebody
SENTENCE = 5  # words on average from which texts are sentences
PERSON, TIME, ORDER = "person", "time", "order"  # kinds of doubt
UNIT = "time|date|day|week|month|quarter|year|hour|minute|second|period|epoch|timestamp"
TIMES = re.compile(rf"(?i)(.*[^a-z])?({UNIT})s?([^a-z].*)?|t|ts")  # names of what is time


@dataclass(frozen=True)
class Doubt:
    """A column that a split seems to overlook.

    Attributes:
        column: its name.
        text: what it looks like, and the remedy.
        kind: PERSON: it repeats like one, and `split.groups` may name it; TIME: the rows are in its order,
            and its values or its name are those of time; ORDER: the rows are in its order.
    """

    column: str
    text: str
    kind: str


def doubts(frame: "pd.DataFrame", split: Split, ids: list[str], target: str) -> list[Doubt]:
    """Warn of what a split seems to overlook.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        split: the rule; if it is by groups or time, somebody has thought of it.
        ids: the columns that name a row together: rows of one value of a single one are on one side.
        target: the column to predict.

    Returns:
        One for each such column, in the table's order.
    """
    if split.groups or split.time is not None:
        return []
    found, thought_of = [], {split.stratify, *(ids if len(ids) == 1 else [])}
    for name in frame.columns:
        if name == target or name in split.not_by:
            continue
        column = _typed(frame[name])
        repeats = "" if name in thought_of else _repeats(column)
        if repeats and _is_id(column):
            found.append(Doubt(str(name), repeats, PERSON))
        elif text := _rises(column):
            kind = TIME if _is_time(column) else PERSON if repeats else ORDER
            found.append(Doubt(str(name), text, kind))
        elif repeats:
            found.append(Doubt(str(name), repeats, PERSON))
    return [replace(doubt, text=f"{doubt.text}; if not, split.not_by: [{doubt.column}]") for doubt in found]


def _typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return numbers that are text, since their column is dropped, as numbers."""
    import pandas as pd

    if not is_numbers(column.iloc[:SAMPLE].dropna()):
        return column
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _repeats(column: "pd.Series[Any]") -> str:
    """Return the doubt about a column that repeats like a person; empty if it does not."""
    import pandas as pd

    is_text = column.dtype == "str"
    if not (is_text or column.dtype == "float64") or (is_text and _times(column.iloc[:SAMPLE]) is not None):
        return ""
    sample = column.iloc[:: max(1, len(column) // SAMPLE)].dropna()
    values = sample.nunique()
    if values < FEWEST_VALUES or not (_may_be_names(sample) if is_text else _may_be_numbered(sample)):
        return ""
    if values < len(sample) / 10 and values * MOST_ROWS < len(column):
        return ""  # the sample has nearly all values
    codes, known = pd.factorize(column)
    codes = codes[codes >= 0]
    counts = np.bincount(codes)
    if not _like_persons(codes, counts, is_text or _is_id(column)):
        return ""
    return (
        f"{column.name!r} has {len(known)} values with {counts.mean():.3g} rows each: if these are of one "
        f"person, machine or the like, it is on both sides of the split; split.groups: [{column.name}]"
    )


def _may_be_names(cells: "pd.Series[Any]") -> bool:
    """Tell whether texts are no sentences."""
    return bool(cells.str.count(r"\S+").mean() < SENTENCE)


def _may_be_numbered(cells: "pd.Series[Any]") -> bool:
    """Tell whether numbers are whole, and no years."""
    return bool((cells % 1 == 0).all() and not cells.between(*YEARS).all())


def _like_persons(codes: "NDArray[np.intp]", counts: "NDArray[np.intp]", is_text: bool) -> bool:
    """Tell whether cells seem to name whose row it is.

    Args:
        codes: of n cells, which of the k values it is.
        counts: of the k values, how many cells have it.
        is_text: whether the values are text, or ids by their name; other whole numbers may be amounts.
    """
    rows = counts.mean()
    if not LEAST_ROWS <= rows <= MOST_ROWS:
        return False
    usual = np.bincount(counts).argmax()
    equal = usual > 1 and (counts == usual).mean() >= SAME_SHARE
    if not is_text:
        return bool(equal and rows <= len(counts))
    together = 1 + np.count_nonzero(np.diff(codes)) <= TOGETHER * len(counts)
    return bool(equal or together or (len(counts) >= MANY_VALUES and rows <= FEW_ROWS))


def _rises(column: "pd.Series[Any]") -> str:
    """Return the doubt about a column that rises like time; empty if it does not."""
    head = _times(column.iloc[:SAMPLE])
    if head is None or not _is_sorted(head):
        return ""
    times = _times(column)
    if times is None or not _is_sorted(times):
        return ""
    values = 1 + np.count_nonzero(times[1:] != times[:-1])
    if values < FEWEST_VALUES:
        return ""
    if column.dtype == "float64" and times[0] in (0, 1) and bool((np.diff(times) == 1).all()):
        return ""  # it counts the rows
    line = (
        f"{column.name!r} is in order from the first row to the last: if it is time and the model is to "
        f"predict what comes later, test on the latest rows: split.time: {column.name}"
    )
    repeated = values * LEAST_ROWS <= len(times)
    return line + (
        f"; if it tells persons or the like apart, split.groups: [{column.name}]" if repeated else ""
    )


def _is_id(column: "pd.Series[Any]") -> bool:
    """Tell whether a column holds ids by its name."""
    from ..table.evidence import ID

    return bool(ID.fullmatch(str(column.name)))


def _is_time(column: "pd.Series[Any]") -> bool:
    """Tell whether a column that rises is time: dates, years, steps of one length, or by its name."""
    if column.dtype != "float64" or TIMES.fullmatch(str(column.name)):
        return True
    numbers = column.dropna().to_numpy()
    steps = np.diff(numbers)
    return bool(((numbers >= YEARS[0]) & (numbers <= YEARS[1])).all() or (steps == steps[0]).all())


def _times(column: "pd.Series[Any]") -> "NDArray[Any] | None":
    """Return what may be times, without empty cells; None if a column holds something else."""
    import pandas as pd

    if column.dtype == "float64" or pd.api.types.is_datetime64_any_dtype(column):
        return column.dropna().to_numpy()
    cells = column.dropna()
    if cells.empty or read_dates(cells.head(1)).isna().any():
        return None
    dates = read_dates(cells)
    return None if dates.isna().any() else dates.to_numpy()


def _is_sorted(times: "NDArray[Any]") -> bool:
    """Tell whether n times never fall, or never rise."""
    after, before = times[1:], times[:-1]
    return bool((after >= before).all() or (after <= before).all())
