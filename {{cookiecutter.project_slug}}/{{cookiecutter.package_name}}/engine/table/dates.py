"""Dates as people write them: in ISO 8601, also with slashes (2024/01/31), or in a declared format.

A time with an offset (`2024-07-01T12:00+02:00`, or a pandas column with a time zone) is read as the time in
UTC at that moment; one without an offset stays as it is. So the same moment is the same date, however it is
written.

A saved model carries this module, so it imports nothing from the project.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from .numbers import check_read

DAY = r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]"
SLASHES = r"^([0-9]{4})/([0-9][0-9])/([0-9][0-9])"  # after a year, nobody writes the day before the month
TIME = r"[0-9][0-9]:[0-9][0-9](?::[0-9][0-9](?:\.[0-9]{1,9})?)?"
OFFSET = r"(?:Z|[+-][0-9][0-9](?::?[0-9][0-9])?)"
ISO = rf"{DAY}(?:[T ]{TIME}{OFFSET}?)?"


def read_dates(column: "pd.Series[Any]", format: str | None = None) -> "pd.Series[Any]":
    """Read n cells as dates.

    Args:
        column: dates of any type, or text, or both.
        format: the format of text, as `strptime` has it; None: ISO 8601. ISO's is read beside any other, too,
            since programs write it.

    Returns:
        n datetime64, without a time zone. NaT stands for an empty cell, and for one that is not a date.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if types.is_datetime64_any_dtype(column):
        return _in_utc(column)
    if format is not None and types.is_integer_dtype(column):  # 20240131
        column = column.astype("str").where(column.notna())
    if types.is_string_dtype(column) and not types.is_object_dtype(column):
        return _in_text(column, format)
    dates = pd.Series(pd.NaT, column.index, "datetime64[us]", column.name)
    if types.is_object_dtype(column):
        is_text = column.map(type) == str  # noqa: E721
        is_date = column.map(lambda cell: isinstance(cell, datetime.date | np.datetime64))
        if is_text.any():
            dates[is_text] = _in_text(column[is_text].astype("str"), format)
        if is_date.any():
            dates[is_date] = _in_utc(pd.to_datetime(column[is_date], utc=True, errors="coerce"))
    return dates


def as_dates(rows: pd.DataFrame, formats: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Make every column datetime64; an empty cell is NaT.

    Args:
        rows: n rows of dates.
        formats: the formats of text, by column; for other columns it is ISO 8601.

    Raises:
        ValueError: a cell is neither a date nor empty; the message names the cell but not its content.
    """
    formats = formats or {}
    dates = {name: read_dates(rows[name], formats.get(str(name))) for name in rows.columns}
    for name, column in dates.items():
        check_read(rows[name], column, "date")
    return pd.DataFrame(dates, index=rows.index)


def _in_text(text: "pd.Series[Any]", format: str | None) -> "pd.Series[Any]":
    """Read n texts; NaT if a text is not a date."""
    text = text.str.strip()
    if format is None:
        text = text.str.replace(SLASHES, r"\1-\2-\3", regex=True)
        iso = text.where(text.str.fullmatch(ISO))
        return _in_utc(pd.to_datetime(iso, format="ISO8601", utc=True, errors="coerce"))
    dates = _in_utc(pd.to_datetime(text, format=format, utc=True, errors="coerce"))
    if format.startswith("%Y-%d"):  # the day comes before the month: 2024-13-01
        return dates
    left = dates.isna() & text.notna()
    return dates.where(~left, _in_text(text.where(left), None)) if left.any() else dates


def _in_utc(dates: "pd.Series[Any]") -> "pd.Series[Any]":
    """Remove the time zone, if there is one."""
    if dates.dt.tz is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    return pd.Series(dates, dtype="datetime64[us]")  # in nanoseconds, years end with 2262
