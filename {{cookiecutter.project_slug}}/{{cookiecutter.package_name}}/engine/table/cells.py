"""What the cells that pandas reads mean, in the same way when fitting and when predicting.

pandas decides a column's type from the cells that it happens to see: `10` is a number in one file and, beside
an `A1`, text in another, and in a single row that lacks a value the column is one of empty numbers. Without
these functions, the same cell would then silently become another category.

A saved model carries this module, so it imports only modules of the project that the model carries, too.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .numbers import check_read, read_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

# pandas reads these as booleans if a column holds nothing else
BOOLEANS = {"true": "True", "TRUE": "True", "false": "False", "FALSE": "False"}
TRUTH = {*BOOLEANS, *BOOLEANS.values()}
NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?")  # 007 is not a number
ANY_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
OTHERWISE = r"\.0+$|^(?:true|TRUE|false|FALSE)?$"  # the words that `as_word` may write in another way
WHOLE_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")  # one written in the usual way that fits into an int64


def as_numbers(
    rows: pd.DataFrame,
    decimal: str = ".",
    thousands: str | None = None,
    units: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Make every column float64; an empty cell is NaN.

    Args:
        rows: n rows of numbers, or of text that holds numbers.
        decimal: the character before the decimals, in text.
        thousands: the character between groups of three digits, in text.
        units: what may stand before or after a number in text, by column.

    Raises:
        ValueError: a cell is neither a number nor empty; the message names the cell but not its content,
            since it may get into reports and logs.
    """
    if (rows.dtypes == "float64").all():
        return rows
    units = units or {}
    read = {n: read_numbers(rows[n], decimal, thousands, units.get(str(n))) for n in rows.columns}
    for name, numbers in read.items():
        check_read(rows[name], numbers, "number")
    return pd.DataFrame(read, index=rows.index)


def as_text(rows: pd.DataFrame, missing: str | None = None) -> pd.DataFrame:
    """Make every column text: whole numbers without a decimal point, true and false as Python writes them.

    Args:
        rows: n rows of anything.
        missing: the word for an empty cell; None leaves it empty.
    """
    text = rows.apply(_as_text)
    return text if missing is None else text.astype(object).where(text.notna(), missing)


def as_written(rows: pd.DataFrame) -> pd.DataFrame:
    """Make every column text, without merging different values.

    If all are numbers (or true and false), and each is written in only one way, they are written as `as_text`
    does, so that a table in CSV and one in parquet have the same categories: 1.0 and 2.0 become 1 and 2. In a
    column that has both 1 and 1.0, these stay two categories.
    """
    return rows.apply(_as_written)


def _as_written(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype == "str":
        repeated = column.iloc[:1000].nunique() < 500  # looking for equal ones among ids takes longer
        cells = pd.Series(column.unique()) if repeated else column
        if not cells.str.contains(OTHERWISE).any():
            return column  # nothing would change, which takes long to find out for millions of ids
    texts = {value: str(value) for value in column.dropna().unique()}
    alike = all(map(NUMBER.fullmatch, texts.values())) or {*texts.values()} <= TRUTH
    words = {value: as_word(text) for value, text in texts.items()}
    if not alike or len({*words.values()}) < len(words):
        words = {value: text or None for value, text in texts.items()}
    return column.map(words).astype("str")


def as_written_in(column: "pd.Series[Any]", normalized: bool) -> "pd.Series[Any]":
    """Make a part of a column text, as `as_written` does the whole.

    Args:
        column: n cells.
        normalized: whether the whole column is written in one way, and is therefore written as `as_text`
            does.
    """
    if column.dtype == "str" and not normalized:
        return column
    texts = {value: str(value) for value in column.dropna().unique()}
    words = {value: as_word(text) if normalized else text or None for value, text in texts.items()}
    return column.map(words).astype("str")


def same_value(word: str) -> str | None:
    """Write a number, true or false so that equal ones are the same word; None if it is none of these."""
    if word.casefold() in ("true", "false"):
        return word.casefold()
    return format(Decimal(word).normalize() + 0, "f") if ANY_NUMBER.fullmatch(word) else None


def as_labels(words: "pd.Index[Any]") -> "NDArray[Any]":
    """Give the names of classes the type that they look like: whole numbers, booleans, or else text.

    Args:
        words: the k names of all classes, as `as_text` writes them.

    Returns:
        k labels. Text has NumPy's own type: with pandas' type, scikit-learn would take a second longer to fit
        two million rows.
    """
    if all(WHOLE_NUMBER.fullmatch(word) for word in words):
        return words.to_numpy(dtype="int64")
    if set(words) <= set(BOOLEANS.values()):
        return np.array([word == "True" for word in words])
    return words.to_numpy(dtype="str")


def as_words(labels: "NDArray[Any] | list[Any]") -> "pd.Series[Any]":
    """Write n labels of any type as text: the inverse of `as_labels`. A user's model may return a list."""
    series = pd.Series(labels)
    is_text = isinstance(labels, np.ndarray) and labels.dtype.kind == "U"
    return series.astype("str") if is_text else _as_text(series)


def _as_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    words = {value: as_word(value) for value in column.dropna().unique()}
    return column.map(words).astype("str")


def as_word(value: object) -> str | None:
    """Write a cell so that it is the same word, whichever type it was read as; None if it is empty."""
    word = str(value)
    return BOOLEANS.get(word, re.sub(r"^(-?\d+)\.0+$", r"\1", word)) or None
