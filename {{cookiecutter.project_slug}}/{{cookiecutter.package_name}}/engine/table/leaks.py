"""Columns that nearly equal the target: they may be known only together with it, too late to predict it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from ..params import Data
from .cells import as_text
from .numbers import read_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_ROWS = 20  # in fewer rows, nearly any column gives the target
SAMPLE = 20_000  # rows that are enough to see it
# the share of rows not in the commonest class that the column gets right
CLASSES = 0.99
# with such a correlation, numbers are the same in another unit
NUMBERS = 0.9999
FEW_OTHERS = 5  # rows of the rarer classes; fewer may be at one end by chance
RANGES = 20  # with up to so many classes, they are looked for in ranges of numbers


def all_but_equals(column: "pd.Series[Any]", target: "pd.Series[Any]", data: Data) -> bool:
    """Tell whether a column nearly equals the target.

    For classes, it does if each of its values, or each of as many ranges as there are classes, goes with one
    class; for numbers, if it is the target in another unit, or rises and falls with it.

    Args:
        column: n cells as they were read.
        target: the targets of the same rows.
        data: the block with the task, and how numbers are written.
    """
    both = (column.notna() & target.notna()).to_numpy().nonzero()[0]
    if len(both) < FEW_ROWS:
        return False
    some = both[:: max(1, len(both) // SAMPLE)]
    if data.task == "regression":
        return _are_a_line(*(_numbers(cells.iloc[some], data) for cells in (column, target)))
    many = np.sqrt(len(some))  # the most distinct values: with more, each would describe only a few rows
    # a declared number may still be text: 12 kg
    if types.is_numeric_dtype(column) or str(column.name) in data.columns.numeric:
        numbers = _numbers(column.iloc[some], data)
        read = ~np.isnan(numbers)
        if len(np.unique(numbers[read])) > many:
            return _are_ranges(numbers[read], target.iloc[some][read])
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
    pairs = pd.DataFrame({"column": column[there], "target": target[there]})
    if len(pairs) < FEW_ROWS or (pairs.nunique() < 2).any():
        return False
    return any(
        abs(np.corrcoef(both.T)[0, 1]) >= NUMBERS for both in (pairs.to_numpy(), pairs.rank().to_numpy())
    )


def _are_ranges(numbers: "NDArray[np.float64]", target: "pd.Series[Any]") -> bool:
    """Tell whether the classes of n rows are ranges of a column's numbers, one each."""
    names, codes = np.unique(target.astype("str"), return_inverse=True)
    others = len(codes) - int(np.bincount(codes).max())
    if others < FEW_OTHERS or len(names) > RANGES:
        return False
    middles = [np.median(numbers[codes == code]) for code in range(len(names))]
    rank = np.argsort(np.argsort(middles))[codes]
    order = np.argsort(numbers, kind="stable")
    ends = np.append(np.diff(numbers[order]) > 0, True)  # the last one of equal numbers
    place = np.zeros(len(numbers), dtype=int)  # the range of each row, in the order of the numbers
    for boundary in range(len(names) - 1):
        below = rank[order] <= boundary
        # how many rows are right with the boundary after each row
        right: NDArray[np.intp] = np.cumsum(below) + np.sum(~below) - np.cumsum(~below)
        place[np.arange(len(numbers)) > np.argmax(np.where(ends, right, -1))] += 1
    return int(np.sum(place != rank[order])) <= (1 - CLASSES) * others
