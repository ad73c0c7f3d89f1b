"""How new rows are spread over the bins of a reference, counted part by part."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..table.cells import same_value
from .reference import DIGITS, Reference, digest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

CLOSE = 1e-6  # a relative difference up to which numbers are the same, as in a file with 32 bits
NEW_NAMES = 10_000  # new categories that are counted separately; for more, only the rows are counted


@dataclass
class Counts:
    """The rows of a column so far.

    Attributes:
        reference: what they are compared with; None if there were only missing values.
        bins: how many of them are in each of its bins.
        rows, missing: how many there are, and how many lack a value.
        new: how many rows have each category that the reference lacks.
        unnamed: how many further rows have such a category.
    """

    reference: Reference | None
    bins: "NDArray[np.int64]" = field(init=False)
    rows: int = 0
    missing: int = 0
    new: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0

    def __post_init__(self) -> None:
        """Begin without rows."""
        self.bins = np.zeros(len(self.reference.counts) if self.reference else 0, dtype="int64")

    @property
    def new_rows(self) -> int:
        """How many rows have a category that is new."""
        return sum(self.new.values()) + self.unnamed

    def add(self, values: "pd.Series[Any]") -> None:
        """Count further rows.

        Args:
            values: numbers, dates or categories, as in the reference; NaN if one is missing.
        """
        present = values.dropna()
        self.rows += len(values)
        self.missing += len(values) - len(present)
        if self.reference is None or not len(present):
            return
        if self.reference.kind == "date":
            self.bins += self._of_dates(present)
        elif self.reference.kind == "category":
            self.bins += self._of_categories(present)
        else:
            self.bins += self._of_numbers(present.to_numpy("float64"))

    def _of_numbers(self, numbers: "NDArray[np.float64]") -> "NDArray[np.int64]":
        assert self.reference is not None
        if self.reference.edges is not None:
            return self._spread(np.searchsorted(np.array(self.reference.edges, dtype=float), numbers))
        values = np.array(self.reference.values, dtype=float)
        nearest = np.searchsorted(values[1:] / 2 + values[:-1] / 2, numbers)
        same = np.abs(numbers - values[nearest]) <= CLOSE * np.abs(values[nearest])
        return self._spread(np.where(same, nearest, len(values)))

    def _of_dates(self, dates: "pd.Series[Any]") -> "NDArray[np.int64]":
        assert self.reference is not None
        edges = np.array(self.reference.edges, dtype="datetime64[us]")
        return self._spread(np.searchsorted(edges, dates.to_numpy("datetime64[us]")))

    def _of_categories(self, words: "pd.Series[Any]") -> "NDArray[np.int64]":
        last = len(self.bins) - 1
        bins = np.zeros_like(self.bins)
        for word, count in words.value_counts().items():
            name = str(word)
            place = self._places.get(name, self._spelled.get(same_value(name), last))
            bins[place] += count
            if place < last or self._others is None or digest(name) in self._others:
                continue
            if name in self.new or len(self.new) < NEW_NAMES:
                self.new[name] += int(count)
            else:
                self.unnamed += int(count)
        return bins

    @cached_property
    def _places(self) -> dict[str, int]:
        """The bin of each category that has its own."""
        values = self.reference.values or [] if self.reference else []
        return {value: place for place, value in enumerate(values)}

    @cached_property
    def _spelled(self) -> dict[str | None, int]:
        """The same, for numbers in any spelling: 1.0 is the category 1, unless both are, as in `Spelling`."""
        alike = Counter(map(same_value, self._places))
        same = ((same_value(name), place) for name, place in self._places.items())
        return {value: place for value, place in same if value is not None and alike[value] == 1}

    @cached_property
    def _others(self) -> set[str] | None:
        """The digests of the categories without a bin; None if they are not known."""
        others = self.reference.others if self.reference else None
        if others is None:
            return None
        return {others[start : start + DIGITS] for start in range(0, len(others), DIGITS)}

    def _spread(self, places: "NDArray[np.intp]") -> "NDArray[np.int64]":
        return np.bincount(places, minlength=len(self.bins))
