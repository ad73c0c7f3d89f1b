"""Columns that nearly equal the target: perhaps they are known only when it is, too late to predict it."""

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
FEW_OTHERS = 5  # rows of the rarer classes, of which fewer may be at one end by chance
RANGES = 20  # classes up to which they are looked for in ranges of numbers


def all_but_equals(column: "pd.Series[Any]", target: "pd.Series[Any]", data: Data) -> bool:
    """Tell whether a column nearly equals the target.

    Of classes, if each of its values, or each of as many ranges as there are classes, goes with one class; of
    numbers, if it is the target in another unit, or rises and falls with it.

    Args:
        column: n cells as they were read.
        target: the same rows'.
        data: the block with the task, and how numbers are written.
    """
    both = (column.notna() & target.notna()).to_numpy().nonzero()[0]
    if len(both) < FEW_ROWS:
        return False
    some = both[:: max(1, len(both) // SAMPLE)]
    if data.task == "regression":
        return _are_a_line(*(_numbers(cells.iloc[some], data) for cells in (column, target)))
    many = np.sqrt(len(some))  # distinct values: with more, each would describe a few rows only
    # a declared number may be text yet: 12 kg
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
    ends = np.append(np.diff(numbers[order]) > 0, True)  # of equal numbers, the last one
    place = np.zeros(len(numbers), dtype=int)  # the range of each row, in the order of the numbers
    for boundary in range(len(names) - 1):
        below = rank[order] <= boundary
        # how many rows are right with the boundary behind each
        right: NDArray[np.intp] = np.cumsum(below) + np.sum(~below) - np.cumsum(~below)
        place[np.arange(len(numbers)) > np.argmax(np.where(ends, right, -1))] += 1
    return int(np.sum(place != rank[order])) <= (1 - CLASSES) * others
