"""How the values of a column are distributed: bins, and how many rows are in each.

This is computed from the rows that a model learns from, and kept with the model, so that new rows can be
compared with these rows when they are gone.
"""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .measures import unseen

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BINS = 10  # bins of numbers and dates, all with about the same number of rows
FEW_VALUES = 20  # up to so many different numbers have their own bins, and so many categories do
UNSEEN = 0.01  # numbers have their own bins if the expected share of rows with another number is no greater
SAMPLE = 100_000  # rows that are enough: the error of a PSI is then some ten thousandths
REMEMBERED = 1_000  # categories that are recognised, though they have no bin of their own
DIGITS = 6  # digits of the digest by which they are recognised
LONGEST = 200  # characters of a category that has a bin


@dataclass(frozen=True)
class Reference:
    """The distribution of a column, without missing values. It has either `values` or `edges`.

    Attributes:
        counts: how many rows are in each bin.
        values: the k numbers or categories that have the first k bins; the last bin is for all others.
        edges: k numbers, or dates in ISO 8601, between k + 1 bins; bin i ends with edge i, which belongs to
            it.
        once: how many categories have only one row.
        others: the digests of the categories without a bin of their own, one after the other. None if there
            are too many, so that a new category cannot be recognised.
    """

    counts: list[int]
    values: list[Any] | None = None
    edges: list[Any] | None = None
    once: int | None = None
    others: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as values for JSON, without those that do not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def kind(self) -> str:
        """The kind of value: number, date or category."""
        if self.edges is not None:
            return "date" if isinstance(self.edges[0], str) else "number"
        return "category" if self.once is not None else "number"

    @property
    def rows(self) -> int:
        """How many rows there are in all bins."""
        return sum(self.counts)


def of_numbers(values: "NDArray[np.float64]") -> Reference | None:
    """Describe n numbers by their deciles, or by each value if there are few; None if there are no numbers.

    In few rows, there may be few different numbers by chance, and another one would then be taken for a
    change. So each number has its own bin only if hardly any other number is to be expected.

    Args:
        values: the numbers; NaN if one is missing. If there are many, a sample is described, always the same
            one.
    """
    present = sampled(values[~np.isnan(values)])
    if not len(present):
        return None
    distinct, counts = np.unique(present, return_counts=True)
    if len(distinct) <= FEW_VALUES and unseen(int((counts == 1).sum()), len(present)) <= UNSEEN:
        return Reference([*counts.tolist(), 0], values=[_plain(value) for value in distinct])
    edges = _deciles(present)
    return Reference(_spread(present, edges), edges=[_plain(edge) for edge in edges])


def of_probabilities(values: "NDArray[np.float64]") -> Reference | None:
    """Describe n probabilities by their deciles in whole percent, since smaller changes do not matter.

    Most predictions of a confident model differ by less.
    """
    present = sampled(values[~np.isnan(values)])
    if not len(present):
        return None
    edges = np.unique(np.round(_deciles(present), 2).clip(0.01, 0.99))
    return Reference(_spread(present, edges), edges=edges.tolist())


def of_dates(values: "pd.Series[Any]") -> Reference | None:
    """Describe n dates by their deciles; None if all are missing."""
    present = sampled(values.dropna().to_numpy("datetime64[us]"))
    if not len(present):
        return None
    edges = _deciles(present.view("int64")).astype("int64")
    bins = _spread(present.view("int64"), edges)
    return Reference(bins, edges=[str(date) for date in edges.view("datetime64[us]")])


def of_categories(counts: "pd.Series[int]") -> Reference | None:
    """Describe categories by the most frequent ones, and the others together; None if there are none.

    Args:
        counts: the counts of each category, by its name.
    """
    if not len(counts):
        return None
    own = {str(name): int(n) for name, n in counts.nlargest(FEW_VALUES).items() if len(str(name)) <= LONGEST}
    others = None
    if len(counts) - len(own) <= REMEMBERED:
        others = "".join(digest(str(name)) for name in counts.index if str(name) not in own)
    bins = [*own.values(), int(counts.sum()) - sum(own.values())]
    return Reference(bins, values=[*own], once=int((counts == 1).sum()), others=others)


def of_labels(labels: "pd.Series[Any]", classes: list[str]) -> Reference | None:
    """Describe n labels, whose classes are all known, whether or not there is a row of each."""
    counts = labels.value_counts()
    reference = of_categories(counts.reindex(counts.index.union(classes), fill_value=0))
    return replace(reference, once=0) if reference else None  # there are no other classes


def of_texts(values: "pd.Series[Any]") -> Reference | None:
    """Describe n texts by their lengths."""
    return of_numbers(lengths(values).to_numpy())


def lengths(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return how many characters each of n texts has; NaN if one is missing."""
    return values.astype("str").str.len().where(values.notna()).astype("float64")


def digest(name: str) -> str:
    """Return some digits that identify a category: among a thousand, no two are likely to be the same."""
    return hashlib.md5(name.encode(errors="surrogatepass")).hexdigest()[:DIGITS]


def sampled(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return some of n values from all over, always the same ones; all of them if there are few."""
    if len(values) <= SAMPLE:
        return values
    return values[np.random.default_rng(0).integers(0, len(values), SAMPLE)]


def _deciles(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the deciles of n values, without repetition."""
    deciles: NDArray[Any] = np.unique(np.quantile(values, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    return deciles


def _spread(values: "NDArray[Any]", edges: "NDArray[Any]") -> list[int]:
    """Count the values between the edges; a value that equals an edge is counted below it."""
    counts: list[int] = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1).tolist()
    return counts


def _plain(number: float) -> float | int:
    """Return a whole number without decimals."""
    return int(number) if number % 1 == 0 and abs(number) < 2**53 else float(number)
