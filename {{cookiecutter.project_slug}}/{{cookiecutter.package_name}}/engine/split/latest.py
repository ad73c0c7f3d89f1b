"""Test rows that are the latest part of the table; rows within a gap before them are on neither side."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..blocks.checking import params_error
from ..table.dates import read_dates
from .sides import Sides

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def read_times(column: "pd.Series[Any]") -> "NDArray[np.float64]":
    """Read the column that `split.time` names.

    Args:
        column: numbers, dates, or text that holds one or the other; dates in ISO form.

    Returns:
        The numbers as they are, or the days since 1970 in UTC; NaN for an empty cell.

    Raises:
        UserError: a cell holds something else.
    """
    import pandas as pd

    if column.dtype == "float64":
        return column.to_numpy()
    if is_numbers(column.dropna().head(1)):
        times = pd.to_numeric(column, errors="coerce").astype("float64")
    else:
        times = (read_dates(column) - pd.Timestamp(0)) / pd.Timedelta(days=1)
    if wrong := int((times.isna() & column.notna()).sum()):
        raise params_error(
            ("split", "time"),
            f"{wrong} of {len(column)} cells of {column.name!r} hold neither a number nor a date like "
            "2026-01-31 or 2026-01-31T08:00; data.date_formats takes dates of another form",
        )
    return np.asarray(times, dtype=np.float64)


def is_numbers(text: "pd.Series[Any]") -> bool:
    """Tell whether text, such as that of a column without a role, holds only numbers."""
    import pandas as pd

    return bool(len(text) and text.dtype == "str" and pd.to_numeric(text, errors="coerce").notna().all())


def latest(times: "NDArray[np.float64]", fraction: float, gap: float) -> Sides:
    """Take the latest rows as test rows, and leave out the rows in the gap before the first of them.

    Rows of the same time are on one side. So the boundary is where the share of test rows comes nearest to
    the fraction; if rows share their times, it is not met exactly. A row without a time is on neither side.

    Args:
        times: the times of n rows; NaN if not known.
        fraction: the fraction of the rows with a time that become test rows.
        gap: a row is left out if its time is at most this much before that of the first test row.
    """
    first = boundary(times, fraction)
    return Sides(times < first - gap, times >= first, times=times)


def boundary(times: "NDArray[np.float64]", fraction: float) -> float:
    """Return the time of the first test row; NaN if all rows have the same time."""
    known = np.sort(times[~np.isnan(times)])
    starts = np.flatnonzero(np.diff(known)) + 1  # where another time begins
    if not len(starts):
        return np.nan
    distance = np.abs(len(known) - starts - fraction * len(known))
    return float(known[starts[np.argmin(distance)]])
