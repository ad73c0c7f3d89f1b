"""The gates that every project begins with; the project's gates.py lists those that are in use."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .. import project
from ..params import Register, Threshold
from .candidate import Candidate
from .gate import AT_LEAST, AT_MOST, Gate, at_least, at_most, compare
from .skill import PERFECT, relative_gain, skill_score

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Candidate",
    "Gate",
    "at_least",
    "at_most",
    "baseline_gates",
    "group_gates",
    "improvement_gates",
    "latency_gates",
    "threshold_gates",
]

LATENCY = "latency_ms"


def baseline_gates(candidate: Candidate) -> list[Gate]:
    """Compare the primary metric with the baseline's, by `skill.skill_score`.

    If that is not defined, since the baseline is as good as a perfect value or better, compare by the
    relative gain.
    """
    least, metric = candidate.rules.min_skill, candidate.primary_metric
    if least is None:
        return []
    name, ours = f"{metric} against the baseline", candidate.metrics.get(metric)
    if ours is None:
        return [compare(name, None, AT_LEAST, least, " of skill")]
    if (baseline := candidate.baseline.get(metric)) is None:
        got = f"the baseline has no {metric} on these rows"
        return [Gate(name, f">= {least:.4g} of skill", got, None)]
    greater = project.greater_is_better()[metric]
    skill = skill_score(ours, baseline, greater)
    if skill is None:
        gain = relative_gain(ours, baseline, greater)
        return [
            compare(name, gain, AT_LEAST, least, f" as gain relative to its {baseline:.4g}", f" ({ours:.4g})")
        ]
    way = f" of the way from its {baseline:.4g} to {PERFECT[greater]:g}"
    return [compare(name, skill, AT_LEAST, least, way, f" ({ours:.4g})")]


def threshold_gates(candidate: Candidate) -> list[Gate]:
    """Compare metrics with their bounds; a metric that could not be measured fails."""
    return [
        compare(name, candidate.metrics.get(name), side, bound)
        for name, bounds in candidate.rules.thresholds.items()
        for side, bound in _sides(bounds)
    ]


def latency_gates(candidate: Candidate) -> list[Gate]:
    """Compare the time for one row with its bound, if there is one."""
    most = candidate.rules.max_latency_ms
    return [] if most is None else [at_most(LATENCY, candidate.metrics.get(LATENCY), most)]


def improvement_gates(candidate: Candidate) -> list[Gate]:
    """Compare with the champion on the same rows, if there is one and the gate is switched on."""
    return [] if candidate.rules.min_improvement is None else candidate.against_champion()


def group_gates(candidate: Candidate) -> list[Gate]:
    """Compare each column's groups with all rows, with bounds, and with each other."""
    rules = candidate.rules
    names = list(dict.fromkeys([*rules.max_group_gap, *rules.group_thresholds, *rules.max_spread]))
    if not names or candidate.groups.empty:
        return []
    from .inspection import group_metrics

    table = group_metrics(candidate.predictions, candidate.groups, rules.min_group_rows)
    gates: list[Gate] = []
    for column in candidate.groups.columns:
        # a metric that cannot be computed from a group's rows is NaN
        groups = table[table["column"] == column].set_index("group").reindex(columns=names)
        if groups.empty:
            wanted = f">= {rules.min_group_rows} rows"
            gates.append(Gate(f"groups of {column}", wanted, "none is so large: not compared", True))
            continue
        gates += _gaps(column, groups, candidate)
        gates += _worst(column, groups, rules)
        gates += _spreads(column, groups, rules)
    return gates


def _gaps(column: str, groups: "pd.DataFrame", candidate: Candidate) -> Iterator[Gate]:
    """Make a gate for how much worse the worst group is than all rows, as a share of their value."""
    for name, most in candidate.rules.max_group_gap.items():
        overall, greater = candidate.metrics.get(name, math.nan), project.greater_is_better()[name]
        side = AT_LEAST if greater else AT_MOST
        worst = str((side * groups[name]).fillna(-math.inf).idxmin())
        gap = 0.0 - relative_gain(groups[name][worst], overall, greater)  # 0 instead of -0
        wanted, got = f" of the {overall:.4g} on all rows", f" ({worst})"
        yield compare(f"{name} gap over {column}", gap, AT_MOST, most, wanted, got)


def _worst(column: str, groups: "pd.DataFrame", rules: Register) -> Iterator[Gate]:
    """Make a gate for each bound of the worst group."""
    for name, bounds in rules.group_thresholds.items():
        for side, bound in _sides(bounds):
            worst = str((side * groups[name]).fillna(-math.inf).idxmin())
            yield compare(f"{name} in each {column}", groups[name][worst], side, bound, got=f" ({worst})")


def _spreads(column: str, groups: "pd.DataFrame", rules: Register) -> Iterator[Gate]:
    """Make a gate for how far the best and the worst group are apart."""
    for name, most in rules.max_spread.items():
        values = groups[name]
        spread = math.nan if values.hasnans else values.max() - values.min()
        yield at_most(f"{name} spread over {column}", spread, most)


def _sides(bounds: Threshold) -> list[tuple[int, float]]:
    """List the bounds that are given, each with its side."""
    return [(s, b) for s, b in ((AT_LEAST, bounds.min), (AT_MOST, bounds.max)) if b is not None]
