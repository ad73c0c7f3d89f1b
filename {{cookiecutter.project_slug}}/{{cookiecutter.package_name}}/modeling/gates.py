"""What a model must show before it is registered or promoted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..params import Register, Threshold
from .inspection import group_metrics
from .metrics import GREATER_IS_BETTER

if TYPE_CHECKING:
    import pandas as pd

LATENCY = "latency_ms"
AT_LEAST, AT_MOST = 1, -1


@dataclass(frozen=True)
class Gate:
    """One condition, and whether the model meets it: None if that cannot be told, so that a person must."""

    name: str
    wanted: str
    got: str
    passed: bool | None

    def __str__(self) -> str:
        """Say it in a line: `f1_macro: 0.91, wanted >= 0.9`."""
        return f"{self.name}: {self.got}, wanted {self.wanted}"


def model_gates(
    metrics: Mapping[str, float], predictions: "pd.DataFrame", groups: "pd.DataFrame", rules: Register
) -> list[Gate]:
    """Check all that a model must show by itself.

    Args:
        metrics: of the n test rows, by name, and the latency of one row in milliseconds.
        predictions: n rows, from `metrics.predict`.
        groups: the same n rows, a column a grouping.
        rules: the gates that are on.
    """
    gates = [*threshold_gates(metrics, rules.thresholds), *group_gates(predictions, groups, rules)]
    if rules.max_latency_ms is not None:
        gates.append(_compare(LATENCY, metrics.get(LATENCY), AT_MOST, rules.max_latency_ms))
    return gates


def threshold_gates(metrics: Mapping[str, float], thresholds: Mapping[str, Threshold]) -> list[Gate]:
    """Compare metrics with their bounds; a metric that could not be measured meets none."""
    return [
        _compare(name, metrics.get(name), side, bound)
        for name, bounds in thresholds.items()
        for side, bound in _sides(bounds)
    ]


def group_gates(predictions: "pd.DataFrame", groups: "pd.DataFrame", rules: Register) -> list[Gate]:
    """Compare the worst of each column's groups, and how far they are apart, with their bounds.

    Args:
        predictions: n rows, from `metrics.predict`.
        groups: the same n rows, a column a grouping.
        rules: the bounds, and how many rows a group must have to be judged.
    """

    gates: list[Gate] = []
    names = list(dict.fromkeys([*rules.group_thresholds, *rules.max_spread]))
    if not names or groups.empty:
        return gates
    table = group_metrics(predictions, groups, rules.min_group_rows)
    for column in groups.columns:
        # a metric that a group's rows do not allow is NaN
        found = table[table["column"] == column].set_index("group").reindex(columns=names)
        if found.empty:
            wanted = f">= {rules.min_group_rows} rows"
            gates.append(Gate(f"groups of {column}", wanted, "none is so large: not judged", True))
            continue
        for name, bounds in rules.group_thresholds.items():
            for side, bound in _sides(bounds):
                worst = str((side * found[name]).fillna(-math.inf).idxmin())
                gate = f"{name} in each {column}"
                gates.append(_compare(gate, found[name][worst], side, bound, got=f" ({worst})"))
        for name, most in rules.max_spread.items():
            values = found[name]
            spread = math.nan if values.hasnans else values.max() - values.min()
            gates.append(_compare(f"{name} spread over {column}", spread, AT_MOST, most))
    return gates


def against(metric: str) -> str:
    """Name the gate that compares with the champion."""
    return f"{metric} against the champion"


def improvement_gate(metric: str, ours: float | None, champions: float, least: float, on: str = "") -> Gate:
    """Compare the primary metric with the champion's on the same rows, in the metric's direction.

    Args:
        metric: its name.
        ours: the model's; None could not be measured.
        champions: the champion's.
        least: by how much the model must be better.
        on: which rows they are, if not all test rows.
    """
    side = AT_LEAST if GREATER_IS_BETTER[metric] else AT_MOST
    wanted = f" (the champion has {champions:.4g}{on})"
    return _compare(against(metric), ours, side, champions + side * least, wanted)


def _sides(bounds: Threshold) -> list[tuple[int, float]]:
    """List the bounds that are given, each with its side."""
    return [(s, b) for s, b in ((AT_LEAST, bounds.min), (AT_MOST, bounds.max)) if b is not None]


def _compare(
    name: str, value: float | None, side: int, bound: float, wanted: str = "", got: str = ""
) -> Gate:
    """Make the gate that wants a value on one side of a bound.

    Args:
        name: the gate's.
        value: None or NaN could not be measured, and passes no gate.
        side: AT_LEAST or AT_MOST.
        bound: passes, too.
        wanted: added to what is wanted.
        got: added to what it is.
    """
    measured = value is not None and not math.isnan(value)
    shown = f"{value:.4g}" if measured else "not measured"
    passed = value is not None and measured and bool(side * (value - bound) >= 0)
    return Gate(name, f"{'>=' if side == AT_LEAST else '<='} {bound:.4g}{wanted}", shown + got, passed)
