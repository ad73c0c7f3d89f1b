"""Columns that all but equal the target: they may be known only when it is, and so not to predict it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from ..params import Data
from .cells import as_text
from .numbers import read_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_ROWS = 20  # of fewer rows nearly any column tells the target
SAMPLE = 20_000  # rows that suffice to see it
# of what the commonest class gets wrong, the share that the column gets right
CLASSES = 0.99
# the correlation of numbers, so that one is the other in another unit
NUMBERS = 0.9999


def all_but_equals(column: "pd.Series[Any]", target: "pd.Series[Any]", data: Data) -> bool:
    """Tell whether a column all but equals the target.

    Of classes, if each of its values goes with one class; of numbers, if it is the target in another unit.

    Args:
        column: n cells as they were read.
        target: the same rows'.
        data: with the task, and how numbers are written.
    """
    both = (column.notna() & target.notna()).to_numpy().nonzero()[0]
    if len(both) < FEW_ROWS:
        return False
    some = both[:: max(1, len(both) // SAMPLE)]
    if data.task == "regression":
        return _are_a_line(*(_numbers(cells.iloc[some], data) for cells in (column, target)))
    many = np.sqrt(len(some))  # values: one of a row or two tells of these alone
    if types.is_numeric_dtype(column) and column.iloc[some].nunique() > many:
        return False  # it has as many as text, and to write them takes longest
    table = as_text(pd.DataFrame({"column": column.iloc[some], "target": target.iloc[some]}))
    if table["column"].nunique() > many:
        return False
    commonest = table["target"].value_counts().iloc[0]
    right = table.value_counts().groupby("column").max().sum()
    return len(some) > commonest and bool(right - commonest >= CLASSES * (len(some) - commonest))


def _numbers(cells: "pd.Series[Any]", data: Data) -> "NDArray[np.float64]":
    declared = data.format.decimal, data.format.thousands, data.units.get(str(cells.name))
    return read_numbers(cells, *declared).to_numpy()


def _are_a_line(column: "NDArray[np.float64]", target: "NDArray[np.float64]") -> bool:
    there = ~np.isnan(column) & ~np.isnan(target)
    column, target = column[there], target[there]
    if len(column) < FEW_ROWS or not column.std() or not target.std():
        return False
    return bool(abs(np.corrcoef(column, target)[0, 1]) >= NUMBERS)
