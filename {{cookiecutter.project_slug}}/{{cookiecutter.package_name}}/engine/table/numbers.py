"""Numbers as people write them: with a unit, with thousands, with a decimal comma.

They are read exactly and strictly: `1,234` is a number if commas separate the thousands, `12,34` and `1,23`
are not; `12 kg` is one if the column's unit is kg. What is not declared is not a number.

A saved model carries this module, so it imports nothing from the project.
"""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACES = "[ \u00a0\u202f]"  # the space between thousands is often a non-breaking one


def read_numbers(
    column: "pd.Series[Any]", decimal: str = ".", thousands: str | None = None, unit: str | None = None
) -> "pd.Series[Any]":
    """Read n cells as numbers.

    Args:
        column: numbers, or text, or both. What is a number already is taken as it is.
        decimal: the character before the decimals, in text.
        thousands: the character between groups of three digits, in text that has one.
        unit: what may stand before or after a number, in text.

    Returns:
        n float64. NaN stands for an empty cell, and for one without a finite number: see `not_read`.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if types.is_numeric_dtype(column):
        return _finite(_floats(column))
    if not types.is_object_dtype(column) and not types.is_string_dtype(column):
        return pd.Series(np.nan, column.index, name=column.name)
    is_text = column.map(type) == str if types.is_object_dtype(column) else column.notna()  # noqa: E721
    numbers = _floats(pd.to_numeric(column.mask(is_text), errors="coerce"))
    if is_text.any():
        numbers[is_text] = _in_text(column[is_text].astype("str"), decimal, thousands, unit)
    return _finite(numbers)


def not_read(column: "pd.Series[Any]", read: "pd.Series[Any]") -> "NDArray[np.bool_]":
    """Tell for each of n cells whether it has content that was not read.

    Args:
        column: the cells.
        read: the same, as `read_numbers` or `dates.read_dates` returned them.
    """
    left = read.isna().to_numpy() & column.notna().to_numpy()
    if left.any() and not types.is_numeric_dtype(column):
        left[left] = column[left].astype("str").to_numpy() != ""
    return np.asarray(left, dtype=bool)


def check_read(column: "pd.Series[Any]", read: "pd.Series[Any]", kind: str) -> None:
    """Check that each of n cells was read, or is empty.

    Args:
        column: the cells.
        read: the same, as `read_numbers` or `dates.read_dates` returned them.
        kind: what they should be.

    Raises:
        ValueError: a cell was not read; the message names the cell but not its content, since it may get into
            reports and logs.
    """
    if (wrong := not_read(column, read)).any():
        row = column.index[int(wrong.argmax())]
        raise ValueError(
            f"column {column.name!r}, row {row}: no {kind}, where the model was fitted to {kind}s"
        )


def pattern(decimal: str = ".", thousands: str | None = None, sign: str = "[+-]?") -> str:
    """Return the regular expression of a number, without a group."""
    point = re.escape(decimal)
    apart = SPACES if thousands == " " else re.escape(thousands) if thousands else ""
    whole = rf"(?:[0-9]{{1,3}}(?:{apart}[0-9]{{3}})+|[0-9]+)" if apart else r"[0-9]+"
    return rf"{sign}(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _in_text(
    text: "pd.Series[Any]", decimal: str, thousands: str | None, unit: str | None
) -> "pd.Series[Any]":
    """Read n texts; NaN if a text is not a number."""
    text, number = text.str.strip(), pattern(decimal, thousands)
    is_number = text.str.fullmatch(number)
    if unit:
        text = text.where(is_number, _without_unit(text, number, pattern(decimal, thousands, sign=""), unit))
        is_number = text.str.fullmatch(number)
    text = text.where(is_number)
    if thousands:
        text = text.str.replace(SPACES if thousands == " " else re.escape(thousands), "", regex=True)
    if decimal != ".":
        text = text.str.replace(decimal, ".", regex=False)
    return text.astype("float64")


def _without_unit(text: "pd.Series[Any]", number: str, unsigned: str, unit: str) -> "pd.Series[Any]":
    """Remove the unit from a number with one (`12 kg`, `€3`, `-€3`); any other text stays as it is."""
    once = rf"{SPACES}?{re.escape(unit)}{SPACES}?"
    ways = (
        (rf"^({number}){once}$", r"\1"),
        (rf"^{once}({number})$", r"\1"),
        (rf"^([+-]){once}({unsigned})$", r"\1\2"),
    )
    for way, kept in ways:
        text = text.str.replace(way, kept, regex=True)
    return text


def _floats(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype == "float64":
        return column
    return pd.Series(column.to_numpy("float64", na_value=np.nan), column.index, name=column.name)


def _finite(numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    infinite = np.isinf(numbers.to_numpy())
    return numbers.mask(infinite) if infinite.any() else numbers
