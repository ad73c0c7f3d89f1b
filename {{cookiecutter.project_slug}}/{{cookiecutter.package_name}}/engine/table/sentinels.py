"""Numbers that may stand for a missing value, such as -999: they repeat, far outside of all others.

None of them is taken for one: a doubt says what to write.
"""

import re
import shlex
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Data
from .evidence import FEW_ROWS, SAMPLE
from .numbers import read_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# numbers that people write for nothing: 9, -99, 9999, and 98 and 97 beside 99
NINES = re.compile(r"-?(9{1,9}|9{1,8}[78])")
TWICE = 2  # cells with it, from which a number repeats
OTHERS = 5  # other numbers, from which they show how far the column goes
# how many times as far as all others are apart, any other whole number is from the next one. In 2,400 columns
# of 279 real tables, up to 4 is what there is by nature; none had a number of nines this far outside.
FAR = 5
SPELLED = 3  # ways of writing a number that are named


def doubt_of_numbers(column: "pd.Series[Any]", data: Data) -> str:
    """Say which numbers of a column may stand for a missing value, and what to write; nothing if none may.

    Args:
        column: n cells as they were read; its name is the column's.
        data: the block with the format of numbers, and the units.
    """
    name, form = str(column.name), data.format
    sample = column.dropna()
    sample = sample.iloc[:: max(1, len(sample) // SAMPLE)]
    numbers = read_numbers(sample, form.decimal, form.thousands, data.units.get(name))
    found = sentinels(numbers.dropna().to_numpy())
    if not found:
        return ""
    are = numbers.isin(found)
    words = _words(sample[are], numbers[are])
    share = f"{100 * are.mean():.2g} % of the cells"
    is_one = f"{' and '.join(words)} in {share} {'are' if found[1:] else 'is'} far outside of all others"
    options = " ".join(shlex.quote(f"{name}={word}") for word in words)
    listed = f"{{{name}: [{', '.join(map(repr, words))}]}}"
    return (
        f"{is_one}: if that stands for a missing value, write data.missing_in: {listed} "
        f"(or adopt with --missing {options})"
    )


def sentinels(numbers: "NDArray[np.float64]") -> list[float]:
    """Return the numbers that may stand for nothing, in order.

    A number of nines does if it is farther outside than all others are apart, or the only kind that is
    negative; another whole number, but for 0, if it is five times as far outside.

    Args:
        numbers: n of them, none missing.
    """
    if len(numbers) < FEW_ROWS:
        return []
    values, counts = np.unique(numbers, return_counts=True)
    repeated = counts >= TWICE
    nines = repeated & np.array([bool(NINES.fullmatch(f"{value:.15g}")) for value in values])
    others = values[~nines]
    if len(others) < 2:
        return []
    least, greatest = others[0], others[-1]
    beyond = np.maximum(least - values, values - greatest)
    found = values[nines & ((beyond > greatest - least) | ((values < 0) & (least >= 0)))].tolist()
    for end, next_one, rest in ((0, 1, others[1:]), (-1, -2, others[:-1])):
        value, gap = others[end], abs(others[end] - others[next_one])
        repeats = repeated[np.searchsorted(values, value)] and value != 0 and value % 1 == 0
        if repeats and len(rest) >= OTHERS and gap > FAR * (rest[-1] - rest[0]):
            found.append(float(value))
    return sorted(found)


def _words(cells: "pd.Series[Any]", numbers: "pd.Series[Any]") -> list[str]:
    """Return how n numbers are written, in text; or else as programs write them."""
    from pandas.api import types

    if types.is_numeric_dtype(cells):
        return [f"{number:.15g}" for number in np.unique(numbers)]
    return sorted(map(str, cells.unique()))[:SPELLED]
