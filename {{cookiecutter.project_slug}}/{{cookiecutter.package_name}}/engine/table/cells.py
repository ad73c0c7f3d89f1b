"""From what pandas reads to what it means, when fitting and when predicting alike.

pandas decides a column's type from the cells that it happens to see: `10` is a number in one file and,
beside an `A1`, text in another, and a single row that lacks a value has an empty column of numbers.
Without these two functions a category would be another one then, silently.

This module travels with the saved model, so it imports nothing of the project.
"""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

# pandas reads these as booleans if a column holds nothing else
BOOLEANS = {"true": "True", "TRUE": "True", "false": "False", "FALSE": "False"}
WHOLE_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")  # as it is written, and an int64


def as_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Make every column float64; an empty cell is NaN.

    Args:
        rows: n rows of numbers, or of text that holds numbers.

    Raises:
        ValueError: a cell holds neither a number nor nothing; names it, and not what it holds, since the
            message may come into reports and logs.
    """
    if (rows.dtypes == "float64").all():
        return rows
    numbers: pd.DataFrame = rows.apply(_as_numbers)
    return numbers.astype("float64")


def as_text(rows: pd.DataFrame, missing: str | None = None) -> pd.DataFrame:
    """Make every column text: whole numbers without a decimal point, true and false as Python has them.

    Args:
        rows: n rows of anything.
        missing: what stands for an empty cell; None leaves it empty.
    """
    text = rows.apply(_as_text)
    return text if missing is None else text.astype(object).where(text.notna(), missing)


def _as_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        cells = column.dropna().astype("str")
        wrong = cells.index[(cells != "") & pd.to_numeric(cells, errors="coerce").isna()].tolist()
        where = f"column {column.name!r}{f', row {wrong[0]}' if wrong else ''}"
        raise ValueError(f"{where}: no number, where the model was fitted to numbers") from None


def as_labels(words: "pd.Index[Any]") -> "NDArray[Any]":
    """Give the names of classes the type that a person sees in them: whole numbers, booleans, or else text.

    Args:
        words: k names, all that there are, as `as_text` writes them.

    Returns:
        k labels. Text is NumPy's own: with pandas', scikit-learn would take a second more to fit two
        million rows.
    """
    if all(WHOLE_NUMBER.fullmatch(word) for word in words):
        return words.to_numpy(dtype="int64")
    if set(words) <= set(BOOLEANS.values()):
        return np.array([word == "True" for word in words])
    return words.to_numpy(dtype="str")


def as_words(labels: "NDArray[Any]") -> "pd.Series[Any]":
    """Write n labels of any type as text: the inverse of `as_labels`."""
    return _as_text(pd.Series(labels))


def _as_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    words = {value: _word(value) for value in column.dropna().unique()}
    return column.map(words).astype("str")


def _word(value: object) -> str | None:
    """Write a cell so that it is the same word whichever type pandas took it for."""
    word = str(value)
    return BOOLEANS.get(word, re.sub(r"^(-?\d+)\.0+$", r"\1", word)) or None
