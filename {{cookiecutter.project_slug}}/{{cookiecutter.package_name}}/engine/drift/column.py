"""A column of new rows beside what it was before."""

from dataclasses import dataclass
from typing import Any

from .counting import Counts
from .reference import Reference

DRIFT, WARNING, FEW_ROWS, STABLE = "drift", "warning", "too few rows", "stable"  # the worst first
VERDICTS = (DRIFT, WARNING, FEW_ROWS, STABLE)
FEATURE, TARGET, PREDICTION = "feature", "target", "prediction"


@dataclass(frozen=True)
class Before:
    """A column of the rows that new ones are compared with.

    Attributes:
        name: the column's name.
        kind: feature, target or prediction.
        role: numeric, categorical, date or text; or as `kind`.
        rows, missing: how many there were, and how many lacked a value.
        reference: how the other values are distributed; None if there were none.
        unit: the unit in params.yaml; empty if it has none.
        moves_on: whether new rows are always later than the others, so that the PSI decides nothing.
    """

    name: str
    kind: str
    role: str
    rows: int
    missing: int
    reference: Reference | None
    unit: str = ""
    moves_on: bool = False


@dataclass(frozen=True)
class Compared:
    """A column of the new rows beside what it was before.

    Attributes:
        before: what it was before.
        counts: what it is now.
        psi: the population stability index; None if one side has no value.
        chance: what the PSI has to exceed, since few rows may have such a PSI by chance.
        expected_new: the share of rows with a new category that was to be expected.
        decides: whether it counts for the verdict on the whole table.
        verdict: one of VERDICTS.
        reasons: the measures that led to it: PSI, missing, new.
    """

    before: Before
    counts: Counts
    psi: float | None
    chance: float
    expected_new: float
    decides: bool
    verdict: str = STABLE
    reasons: tuple[str, ...] = ()

    @property
    def missing_was(self) -> float:
        """The share of rows that lacked a value."""
        return self.before.missing / max(self.before.rows, 1)

    @property
    def missing(self) -> float:
        """The share of the new rows that lack a value."""
        return self.counts.missing / max(self.counts.rows, 1)

    @property
    def new(self) -> float | None:
        """The share of the new rows that have a new category; None if that cannot be known."""
        reference = self.before.reference
        if reference is None or reference.others is None:
            return None
        return self.counts.new_rows / max(self.counts.rows - self.counts.missing, 1)

    def to_dict(self, names: bool) -> dict[str, Any]:
        """Return it as values for JSON.

        Args:
            names: whether to name the new categories, which may tell anything about anybody.
        """
        reference, new = self.before.reference, self.new
        content: dict[str, Any] = {
            "name": self.before.name,
            "kind": self.before.kind,
            "role": self.before.role,
            "verdict": self.verdict,
            "reasons": [*self.reasons],
            "decides": self.decides,
            "psi": self.psi,
            "psi_by_chance": self.chance,
            "missing": {"was": self.missing_was, "is": self.missing},
        }
        if new is not None:
            content["new_categories"] = {
                "share": new,
                "expected": self.expected_new,
                "count": len(self.counts.new),
            }
            if names:
                content["new_categories"]["names"] = dict(self.counts.new.most_common(20))
        bins = {} if reference is None else {**reference.to_dict(), "new_counts": self.counts.bins.tolist()}
        bins.pop("others", None)
        return content | bins
