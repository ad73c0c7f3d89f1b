"""The verdict on each column: whether its new rows are far from the reference, and not by chance."""

from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from ..params import Drift
from .counting import Counts
from .measures import beyond_chance, psi, unseen
from .reference import Reference

DRIFT, WARNING, FEW_ROWS, STABLE = "drift", "warning", "too few rows", "stable"  # the worst first
VERDICTS = (DRIFT, WARNING, FEW_ROWS, STABLE)
LEVEL = 0.01  # how likely it is that chance alone makes any column drift, however many there are
FEATURE, TARGET, PREDICTION = "feature", "target", "prediction"


@dataclass(frozen=True)
class Before:
    """A column of the rows that new ones are compared with.

    Attributes:
        name: of the column.
        kind: feature, target or prediction.
        role: numeric, categorical, date or text; or as `kind`.
        rows, missing: how many there were, and how many lacked a value.
        reference: of the others; None if there were none.
        unit: as params.yaml has it; empty if it has none.
        moves_on: whether new rows are later than the others in any case, so that the PSI decides nothing.
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
    """A column of the new rows beside what it was.

    Attributes:
        before: what it was.
        counts: what it is.
        psi: the population stability index; None if one side has no value.
        chance: what the PSI has to exceed, since so few rows may have that one by chance.
        expected_new: the share of rows with a new category that was to be expected.
        decides: whether it counts for the verdict on the whole table.
        verdict: one of VERDICTS.
        reasons: by which measures: PSI, missing, new.
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
        """The share of the new rows that lack one."""
        return self.counts.missing / max(self.counts.rows, 1)

    @property
    def new(self) -> float | None:
        """The share of the new rows that have a category which is new; None if that cannot be told."""
        reference = self.before.reference
        if reference is None or reference.others is None:
            return None
        return self.counts.new_rows / max(self.counts.rows - self.counts.missing, 1)

    def to_dict(self, names: bool) -> dict[str, Any]:
        """Return it as JSON has it.

        Args:
            names: with those of the new categories, which may tell anything of anybody.
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


def compare(columns: list[tuple[Before, Counts]], rules: Drift) -> list[Compared]:
    """Compare each column with what it was; the most drifted come first.

    Args:
        columns: what each was, and is.
        rules: the thresholds.
    """
    level = LEVEL / max(len(columns), 1)
    compared = [_compared(was, now, rules, level) for was, now in columns]
    return sorted(compared, key=_rank)


def verdict_of(compared: list[Compared]) -> str:
    """Return the worst verdict of those that decide."""
    verdicts = {column.verdict for column in compared if column.decides}
    return next((verdict for verdict in VERDICTS if verdict in verdicts), STABLE)


def _rank(column: Compared) -> tuple[bool, int, float, str]:
    return (
        not column.decides,
        VERDICTS.index(column.verdict),
        -(column.psi or 0.0),
        column.before.name,
    )


def _compared(before: Before, counts: Counts, rules: Drift, level: float) -> Compared:
    """Put a column through the rules: a measure has to be large, and larger than by chance."""
    reference = before.reference
    bins = reference.counts if reference else []
    value = psi(bins, counts.bins)
    column = Compared(
        before,
        counts,
        None if isnan(value) else value,
        0.0 if isnan(value) else beyond_chance(bins, counts.bins, level),
        unseen(reference.once or 0, reference.rows) if reference else 0.0,
        decides=before.kind != FEATURE or before.name not in rules.ignore,
    )
    verdicts = {
        "PSI": _of_psi(column, rules),
        "missing": _of_missing(column, rules, level),
        "new": _of_new(column, rules, level),
    }
    worst = min(verdicts.values(), key=VERDICTS.index)
    reasons = tuple(name for name, verdict in verdicts.items() if verdict == worst != STABLE)
    return replace(column, verdict=worst, reasons=reasons)


def _of_psi(column: Compared, rules: Drift) -> str:
    if column.psi is None or column.before.moves_on:
        return STABLE
    certain = column.psi > column.chance
    if rules.psi_alert is not None and column.psi >= rules.psi_alert:
        return DRIFT if certain else FEW_ROWS
    shifted = rules.psi_warning is not None and column.psi >= rules.psi_warning
    return WARNING if shifted and certain else STABLE


def _of_missing(column: Compared, rules: Drift, level: float) -> str:
    if column.before.kind == TARGET:  # labels come later
        return STABLE
    if rules.missing is None or abs(column.missing - column.missing_was) < rules.missing:
        return STABLE
    was, now = ([part.missing, part.rows - part.missing] for part in (column.before, column.counts))
    return DRIFT if psi(was, now) > beyond_chance(was, now, level) else FEW_ROWS


def _of_new(column: Compared, rules: Drift, level: float) -> str:
    new, reference = column.new, column.before.reference
    if new is None or reference is None or rules.new_categories is None:
        return STABLE
    if new - column.expected_new < rules.new_categories:
        return STABLE
    present = column.counts.rows - column.counts.missing
    was = [reference.once or 0, reference.rows - (reference.once or 0)]
    now = [column.counts.new_rows, present - column.counts.new_rows]
    return DRIFT if psi(was, now) > beyond_chance(was, now, level) else FEW_ROWS
