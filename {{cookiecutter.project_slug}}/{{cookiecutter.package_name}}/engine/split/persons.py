"""Columns whose values repeat like persons, by a guess from their cells."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .times import FEWEST_VALUES, LEAST_ROWS, SAMPLE, YEARS, times

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MOST_ROWS = 1000  # the most rows of a person on average
# text with at least so many values, which have so few rows on average, seems to name persons
MANY_VALUES, FEW_ROWS = 100, 20
SAME_SHARE = 0.9  # the share of values with the same number of rows, as if everybody was asked equally often
TOGETHER = 1.1  # runs of equal cells per value, as if the rows of each person stand together
SENTENCE = 5  # texts with so many words on average are sentences


def repeats(column: "pd.Series[Any]") -> str:
    """Return the doubt about a column whose values repeat like persons; empty if they do not."""
    import pandas as pd

    is_text = column.dtype == "str"
    if not (is_text or column.dtype == "float64") or (is_text and times(column.iloc[:SAMPLE]) is not None):
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
    if not _like_persons(codes, counts, is_text or is_id(column)):
        return ""
    return (
        f"{column.name!r} has {len(known)} values with {counts.mean():.3g} rows each: if these are of one "
        f"person, machine or the like, it is on both sides of the split; split.groups: [{column.name}]"
    )


def _may_be_names(cells: "pd.Series[Any]") -> bool:
    """Tell whether texts are not sentences."""
    return bool(cells.str.count(r"\S+").mean() < SENTENCE)


def _may_be_numbered(cells: "pd.Series[Any]") -> bool:
    """Tell whether numbers are whole, and are not years."""
    return bool((cells % 1 == 0).all() and not cells.between(*YEARS).all())


def _like_persons(codes: "NDArray[np.intp]", counts: "NDArray[np.intp]", is_text: bool) -> bool:
    """Tell whether cells seem to name the person that a row belongs to.

    Args:
        codes: for each of n cells, which of the k values it holds.
        counts: how many cells have each of the k values.
        is_text: whether the values are text, or ids by the column's name; other whole numbers may be amounts.
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


def is_id(column: "pd.Series[Any]") -> bool:
    """Tell whether a column holds ids, by its name."""
    from ..table.evidence import ID

    return bool(ID.fullmatch(str(column.name)))
