"""Judging what a load test measured by the service-level objectives."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from ..params import Slo
from .running import Measured


@dataclass(frozen=True)
class Objective:
    """A service-level objective, and whether it is met.

    Attributes:
        name: what is measured.
        key: the objective's key in the block `slo`.
        value: the value that was measured.
        limit: the limit of the value; None for no limit.
        at_least: whether the limit is the smallest allowed value; otherwise it is the greatest.
        write: a callable that formats a value for people.
    """

    name: str
    key: str
    value: float
    limit: float | None
    at_least: bool
    write: Callable[[float], str]

    @property
    def is_met(self) -> bool:
        """Whether the value is within the limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> dict[str, object]:
        """Return the objective as a row of a table."""
        limit = (
            ""
            if self.limit is None
            else f"at {'least' if self.at_least else 'most'} {self.write(self.limit)}"
        )
        verdict = ("met" if self.is_met else "missed") if limit else ""
        return {
            "objective": self.name,
            "measured": self.write(self.value),
            "limit": limit,
            "verdict": verdict,
        }


def judged(measured: Measured, slo: Slo) -> list[Objective]:
    """Compare what was measured with the limits.

    Args:
        measured: the measured values, of at least one request.
        slo: the limits.
    """
    answered = sorted(measured.milliseconds)
    rate = len(answered) / measured.seconds if measured.seconds else 0.0
    share = measured.failed / measured.requests
    return [
        Objective("p50", "p50_ms", percentile(answered, 0.5), slo.p50_ms, False, _milliseconds),
        Objective("p99", "p99_ms", percentile(answered, 0.99), slo.p99_ms, False, _milliseconds),
        Objective("failed requests", "errors", share, slo.errors, False, _percent),
        Objective("answers", "requests_per_second", rate, slo.requests_per_second, True, _per_second),
    ]


def percentile(ordered: list[float], share: float) -> float:
    """Return the smallest value that a given share of all values does not exceed; infinity if there are none.

    It is the percentile by nearest rank, which is one of the values: number ceil(share * n), counted from 1
    (R. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996) 361,
    definition 1).

    Args:
        ordered: n values, the smallest first.
        share: a share between 0 and 1.
    """
    if not ordered:
        return inf
    rank = -int(-share * len(ordered) // 1)
    return ordered[max(rank, 1) - 1]


def _milliseconds(value: float) -> str:
    return "no answer" if value == inf else f"{value:.4g} ms"


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"


def _per_second(value: float) -> str:
    return f"{value:.4g} per second"
