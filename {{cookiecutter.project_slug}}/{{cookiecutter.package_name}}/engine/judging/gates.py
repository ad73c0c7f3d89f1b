"""What a model must show before it is registered or promoted."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .. import project
from ..params import Register, Threshold

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

    def __post_init__(self) -> None:
        """Take NumPy's truth, which is neither True nor False, for Python's."""
        object.__setattr__(self, "passed", None if self.passed is None else bool(self.passed))

    def __str__(self) -> str:
        """Say it in a line: `f1_macro: 0.91, wanted >= 0.9`."""
        return f"{self.name}: {self.got}, wanted {self.wanted}"


class Judged:
    """A model that is judged, by n test rows.

    Attributes:
        metrics: by name, and `latency_ms`, the time for one row in milliseconds.
        rules: the block `register` of params.yaml.
    """

    def __init__(
        self,
        metrics: Mapping[str, float],
        rules: Register,
        rows: "Callable[[], tuple[pd.DataFrame, pd.DataFrame]]",
        compared: "Callable[[], list[Gate]]",
    ) -> None:
        """Take what is known; rows are read, and the champion is scored, only if a gate asks for it.

        Args:
            metrics: of the rows.
            rules: the gates that are on.
            rows: reads the n predictions and the groups that their rows are in.
            compared: compares with the champion.
        """
        self.metrics, self.rules, self._rows, self.compared = metrics, rules, rows, compared

    @property
    def predictions(self) -> "pd.DataFrame":
        """The n predictions, as `prediction.predict` has them."""
        return self._read[0]

    @property
    def groups(self) -> "pd.DataFrame":
        """The same n rows, a column for each of `evaluate.groups`."""
        return self._read[1]

    @cached_property
    def _read(self) -> "tuple[pd.DataFrame, pd.DataFrame]":
        return self._rows()


def threshold_gates(judged: Judged) -> list[Gate]:
    """Compare metrics with their bounds; a metric that could not be measured meets none."""
    return [
        compare(name, judged.metrics.get(name), side, bound)
        for name, bounds in judged.rules.thresholds.items()
        for side, bound in _sides(bounds)
    ]


def latency_gates(judged: Judged) -> list[Gate]:
    """Compare the time for one row with its bound, if there is one."""
    most = judged.rules.max_latency_ms
    return [] if most is None else [at_most(LATENCY, judged.metrics.get(LATENCY), most)]


def improvement_gates(judged: Judged) -> list[Gate]:
    """Compare with the champion on the same rows, if there is one and that is asked for."""
    return [] if judged.rules.min_improvement is None else judged.compared()


def group_gates(judged: Judged) -> list[Gate]:
    """Compare the worst of each column's groups, and how far they are apart, with their bounds."""
    rules = judged.rules
    gates: list[Gate] = []
    names = list(dict.fromkeys([*rules.group_thresholds, *rules.max_spread]))
    if not names or judged.groups.empty:
        return gates
    from .inspection import group_metrics

    groups = judged.groups
    table = group_metrics(judged.predictions, groups, rules.min_group_rows)
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
                gates.append(compare(gate, found[name][worst], side, bound, got=f" ({worst})"))
        for name, most in rules.max_spread.items():
            values = found[name]
            spread = math.nan if values.hasnans else values.max() - values.min()
            gates.append(at_most(f"{name} spread over {column}", spread, most))
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
    side = AT_LEAST if project.greater_is_better()[metric] else AT_MOST
    wanted = f" (the champion has {champions:.4g}{on})"
    return compare(against(metric), ours, side, champions + side * least, wanted)


def _sides(bounds: Threshold) -> list[tuple[int, float]]:
    """List the bounds that are given, each with its side."""
    return [(s, b) for s, b in ((AT_LEAST, bounds.min), (AT_MOST, bounds.max)) if b is not None]


def at_least(name: str, value: float | None, bound: float) -> Gate:
    """Make the gate that wants a value of `bound` or more; None or NaN could not be measured, and fails."""
    return compare(name, value, AT_LEAST, bound)


def at_most(name: str, value: float | None, bound: float) -> Gate:
    """Make the gate that wants a value of `bound` or less; None or NaN could not be measured, and fails."""
    return compare(name, value, AT_MOST, bound)


def compare(name: str, value: float | None, side: int, bound: float, wanted: str = "", got: str = "") -> Gate:
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
