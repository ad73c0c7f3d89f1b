"""What a model must show before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..params import Threshold
from .metrics import GREATER_IS_BETTER


@dataclass(frozen=True)
class Gate:
    """One condition, and whether the model meets it."""

    name: str
    wanted: str
    got: str
    passed: bool

    def __str__(self) -> str:
        """Say it in a line: `f1_macro: 0.91, wanted >= 0.9`."""
        return f"{self.name}: {self.got}, wanted {self.wanted}"


def threshold_gates(metrics: Mapping[str, float], thresholds: Mapping[str, Threshold]) -> list[Gate]:
    """Compare metrics with their bounds; a metric that could not be measured meets none."""
    gates = []
    for name, bounds in thresholds.items():
        value = metrics.get(name)
        got = "not measured" if value is None else f"{value:.4g}"
        if bounds.min is not None:
            gates.append(Gate(name, f">= {bounds.min:g}", got, value is not None and value >= bounds.min))
        if bounds.max is not None:
            gates.append(Gate(name, f"<= {bounds.max:g}", got, value is not None and value <= bounds.max))
    return gates


def improvement_gate(metric: str, ours: float | None, champions: float, least: float) -> Gate:
    """Compare the primary metric with the champion's on the same rows, in the metric's direction."""
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    bound = champions + sign * least
    passed = ours is not None and sign * (ours - bound) >= 0
    got = "not measured" if ours is None else f"{ours:.4g}"
    wanted = f"{'>=' if sign > 0 else '<='} {bound:.4g} (the champion has {champions:.4g})"
    return Gate(f"{metric} against the champion", wanted, got, passed)
