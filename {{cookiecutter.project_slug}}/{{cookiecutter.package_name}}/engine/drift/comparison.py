"""The verdict on each column: whether its new rows are far from the reference, and not by chance."""

from dataclasses import replace
from math import isnan

from ..params import Drift
from .column import (
    DRIFT,
    FEATURE,
    FEW_ROWS,
    STABLE,
    TARGET,
    VERDICTS,
    WARNING,
    Before,
    Compared,
)
from .counting import Counts
from .measures import beyond_chance, psi, unseen

LEVEL = 0.01  # how likely it is that chance alone makes any column drift, however many there are


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
