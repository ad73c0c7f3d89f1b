"""What a column contains: missing and distinct values, their range, and how they are distributed."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

BINS = 24  # bins of a histogram
TOP = 5  # values that are shown
KNOWN = 200  # a new category is reported if there are no more categories than this
EXACT = 200_000  # in up to so many rows, different values are counted, however many they are
SAMPLE = 100_000  # rows that are enough for a histogram, and to see whether there are many different values
MANY = 20_000  # with so many different values in this sample, there are too many to count


@dataclass(frozen=True)
class Profile:
    """A column of the validated table.

    Attributes:
        rows, missing: how many there are, and how many lack a value.
        distinct: how many different values there are.
        more: whether there are more than `distinct`, which is then not a full count.
        low, high: the smallest and the largest number or date, as written; empty for text.
        bins: how many values are in each of some bins of equal width between these; if there are many rows,
            in a sample.
        categories: how many rows have each value of text, the most frequent first; empty if there are many
            values.
    """

    rows: int
    missing: int
    distinct: int
    more: bool = False
    low: str = ""
    high: str = ""
    bins: list[int] = field(default_factory=list)
    categories: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, column: "pd.Series[Any]") -> "Profile":
        """Describe a column, going through it as few times as possible."""
        missing = int(column.isna().sum())
        if missing == len(column):
            return cls(len(column), missing, 0)
        distinct, more = _distinct(column)
        if column.dtype.kind in "fM":
            low, high = column.min(), column.max()
            bins = [] if low == high else bins_of(_sample(column).dropna(), low, high)
            return cls(len(column), missing, distinct, more, written(low), written(high), bins)
        counted = {} if more or distinct > KNOWN else column.value_counts().to_dict()
        texts = {str(value): int(count) for value, count in counted.items()}
        return cls(len(column), missing, distinct, more, categories=texts)

    @property
    def share(self) -> float:
        """The share of rows that lack a value."""
        return self.missing / self.rows if self.rows else 0.0


def _distinct(column: "pd.Series[Any]") -> tuple[int, bool]:
    """Count different values; if there are very many, the count is a lower bound."""
    if (seen := distinct_in_sample(_sample(column), len(column))) is not None:
        return seen, True
    return int(column.nunique()), False


def distinct_in_sample(sample: "pd.Series[Any]", rows: int) -> int | None:
    """Return how many different values a sample of a column has; None if they can be counted in all rows.

    Args:
        sample: the sample of the cells.
        rows: the table's rows.
    """
    seen = int(sample.nunique()) if rows > EXACT else 0
    return seen if seen >= MANY else None


def _sample(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return some of the cells, from all over the table."""
    return column.iloc[:: -(-len(column) // SAMPLE) or 1]


def bins_of(values: "pd.Series[Any]", low: Any, high: Any) -> list[int]:
    """Count the values in bins of equal width; dates by their time."""
    if values.dtype.kind == "M":
        unit = values.dtype
        values, low, high = values.astype("int64"), *(_ticks(end, unit) for end in (low, high))
    with np.errstate(over="ignore"):
        if not np.isfinite(float(high) - float(low)):
            return []
    try:
        counts: list[int] = np.histogram(values.to_numpy(), BINS, (low, high))[0].tolist()
    except ValueError:  # the numbers are so close to each other that no bins fit between them
        return []
    return counts


def _ticks(date: Any, unit: Any) -> int:
    return int(np.datetime64(date).astype(unit).astype("int64"))


def written(value: Any) -> str:
    """Format a number or a date in full; midnight is left out as a time."""
    if isinstance(value, float):
        return f"{value:.0f}" if value % 1 == 0 and abs(value) < 1e15 else f"{value:.6g}"
    return str(value).removesuffix(" 00:00:00")
