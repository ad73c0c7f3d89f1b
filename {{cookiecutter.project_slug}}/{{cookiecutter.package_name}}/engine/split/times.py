"""Columns whose values rise like time, by a guess from their cells."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..table.dates import read_dates

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SAMPLE = 20_000  # rows that decide whether a column is looked at as a whole
FEWEST_VALUES = 10  # the fewest values of a column that looks like persons or time
LEAST_ROWS = 1.5  # a column with at least so many rows per value on average repeats
YEARS = (1800, 2100)  # whole numbers between these are taken for years, not for persons
UNIT = "time|date|day|week|month|quarter|year|hour|minute|second|period|epoch|timestamp"
TIMES = re.compile(rf"(?i)(.*[^a-z])?({UNIT})s?([^a-z].*)?|t|ts")  # the names of columns that are time


def rises(column: "pd.Series[Any]") -> str:
    """Return the doubt about a column whose values rise like time; empty if they do not."""
    head = times(column.iloc[:SAMPLE])
    if head is None or not _is_sorted(head):
        return ""
    instants = times(column)
    if instants is None or not _is_sorted(instants):
        return ""
    values = 1 + np.count_nonzero(instants[1:] != instants[:-1])
    if values < FEWEST_VALUES:
        return ""
    if column.dtype == "float64" and instants[0] in (0, 1) and bool((np.diff(instants) == 1).all()):
        return ""  # the column counts the rows
    line = (
        f"{column.name!r} is in order from the first row to the last: if it is time and the model is to "
        f"predict what comes later, test on the latest rows: split.time: {column.name}"
    )
    repeated = values * LEAST_ROWS <= len(instants)
    return line + (
        f"; if it tells persons or the like apart, split.groups: [{column.name}]" if repeated else ""
    )


def is_time(column: "pd.Series[Any]") -> bool:
    """Tell whether a column that rises is time: dates, years, equal steps, or by its name."""
    if column.dtype != "float64" or TIMES.fullmatch(str(column.name)):
        return True
    numbers = column.dropna().to_numpy()
    steps = np.diff(numbers)
    return bool(((numbers >= YEARS[0]) & (numbers <= YEARS[1])).all() or (steps == steps[0]).all())


def times(column: "pd.Series[Any]") -> "NDArray[Any] | None":
    """Return the cells that may be times, without empty ones; None if a column holds something else."""
    import pandas as pd

    if column.dtype == "float64" or pd.api.types.is_datetime64_any_dtype(column):
        return column.dropna().to_numpy()
    cells = column.dropna()
    if cells.empty or read_dates(cells.head(1)).isna().any():
        return None
    dates = read_dates(cells)
    return None if dates.isna().any() else dates.to_numpy()


def _is_sorted(instants: "NDArray[Any]") -> bool:
    """Tell whether n instants never fall, or never rise."""
    after, before = instants[1:], instants[:-1]
    return bool((after >= before).all() or (after <= before).all())
