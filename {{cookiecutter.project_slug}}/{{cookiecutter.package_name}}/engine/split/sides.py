"""The two sides of a split, and how summaries and runs describe them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..params import Split

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Sides:
    """Which side each of n rows is on; a row may be on neither.

    Attributes:
        train: n booleans: whether the model learns from the row.
        test: n booleans: whether the model is judged by the row.
        groups: n numbers, equal within a group, if rows are grouped.
        times: n numbers, if the test rows are the latest ones; NaN if not known.
    """

    train: "NDArray[np.bool_]"
    test: "NDArray[np.bool_]"
    groups: "NDArray[np.uint64] | None" = None
    times: "NDArray[np.float64] | None" = None


@dataclass(frozen=True)
class Division:
    """A split in words and numbers.

    Attributes:
        how: how the test rows were chosen.
        train: how many rows there are to learn from.
        test: how many there are to judge by.
        left_out: how many are on neither side, by reason.
        sampled_from: how many rows the table has, if these are a sample of it; otherwise None.
        equal: how many rows are on the same side as an earlier one because they equal it.
    """

    how: str
    train: int
    test: int
    left_out: dict[str, int]
    sampled_from: int | None = None
    equal: int = 0

    @classmethod
    def of(
        cls, frame: "pd.DataFrame", split: Split, sides: Sides, sampled_from: int | None = None
    ) -> "Division":
        """Describe how a table is divided.

        Args:
            frame: n rows.
            split: the rule.
            sides: the sides of the n rows.
            sampled_from: how many rows they are a sample of, if they are one.
        """
        train, test = int(sides.train.sum()), int(sides.test.sum())
        if sides.times is None:
            return cls(_drawn(split, sides), train, test, {}, sampled_from)
        unknown = int(np.isnan(sides.times).sum())
        within = len(frame) - train - test - unknown
        column = frame[split.time]
        first = column.iloc[int(np.nanargmin(np.where(sides.test, sides.times, np.nan)))]
        is_number = column.dtype == "float64"
        begins = f"{first:.10g}" if is_number else str(first).removesuffix(" 00:00:00")
        gap = f"within {split.gap:g}{'' if is_number else ' days'} before them"
        return cls(
            f"latest by {split.time}, from {begins} on",
            train,
            test,
            {gap: within, f"for want of a {split.time}": unknown},
            sampled_from,
        )

    def __str__(self) -> str:
        """Format it in a line."""
        left = [f"{count} left out {why}" for why, count in self.left_out.items() if count]
        equal = [f"{self.equal} of them equal to another row, and on its side"] if self.equal else []
        of = [f"sampled from {self.sampled_from} rows"] if self.sampled_from is not None else []
        return ", ".join(
            [f"{self.how}: {self.train} training rows", f"{self.test} test rows", *equal, *left, *of]
        )

    def tags(self) -> dict[str, str]:
        """Return the tags of a run."""
        counts = {"train": self.train, "test": self.test, "left_out": sum(self.left_out.values())}
        if self.sampled_from is not None:
            counts["sampled_from"] = self.sampled_from
        return {"split": str(self), **{f"split.rows.{name}": str(count) for name, count in counts.items()}}


def _drawn(split: Split, sides: Sides) -> str:
    """Say how rows were drawn."""
    stratified = f", stratified by {split.stratify}" if split.stratify else ""
    if sides.groups is None:
        return f"random{stratified}"
    every, test = (len(np.unique(keys)) for keys in (sides.groups, sides.groups[sides.test]))
    return f"random groups of {', '.join(split.groups)} ({test} of {every} for the test){stratified}"
