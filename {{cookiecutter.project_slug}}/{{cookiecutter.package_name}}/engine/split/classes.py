"""How many rows of each class are on each side of a split, and which classes have too few."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FEW = 10  # rows; a model learns hardly anything about smaller classes
NAMED = 10  # classes that a line lists
ADVICE = "see Rare classes in docs/models.md"


def doubts_of_classes(counts: "pd.DataFrame | None", target: str) -> Iterator[str]:
    """Say which classes have too few rows, and for what; each class is named once.

    Args:
        counts: how many rows of each class there are to learn from (`train`) and to judge by (`test`).
            None if the target has no classes.
        target: the name of the target's column.
    """
    if counts is None:
        return
    unlearned, unjudged = counts["train"] == 0, counts["test"] == 0
    few = (counts.sum(axis=1) < FEW) & ~unlearned & ~unjudged
    for which, consequence in (
        (unlearned, "not among the training rows, so that they are never predicted"),
        (unjudged, "not among the test rows, so that no metric tells of them"),
        (few, "too rare to learn or measure much"),
    ):
        if which.any():
            yield f"{target}: classes that are {consequence}: {_names(counts[which])}; {ADVICE}"


def _names(counts: "pd.DataFrame") -> str:
    """Name classes with their numbers of rows, the rarest first."""
    totals = counts.sum(axis=1).sort_values(kind="stable")
    named = [f"{name!r} ({count} row{'s' * (count > 1)})" for name, count in totals.head(NAMED).items()]
    more = [f"{len(totals) - NAMED} more"] * (len(totals) > NAMED)
    return ", ".join(named + more)
