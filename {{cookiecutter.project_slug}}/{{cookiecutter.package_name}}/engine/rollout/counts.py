"""What a server has counted, from its `/metrics`: requests, failures, their times, predictions."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .rates import Rate

if TYPE_CHECKING:
    from prometheus_client.core import Metric

ROUTES = ("/predict", "/invocations")  # those that predict
SLOWEST = 0.99  # the share of the champion's requests that are faster than what counts as slow


@dataclass(frozen=True)
class Counts:
    """What was counted since a server's start, or between two moments.

    Attributes:
        requests: how many requests were answered.
        failed: how many of these failed by the server's fault (status 5xx).
        within: how many of these took at most so many seconds, by the bounds of the histogram.
        predicted: the predictions by class, or by range of numbers.
    """

    requests: int = 0
    failed: int = 0
    within: dict[str, int] = field(default_factory=dict)
    predicted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, version: str) -> "Counts":
        """Read the answer of `/metrics`.

        Args:
            text: in Prometheus' text format.
            version: the number of the version whose requests count; the histogram is of all versions.
        """
        from prometheus_client.parser import text_string_to_metric_families

        families = {family.name: family for family in text_string_to_metric_families(text)}

        def counted(name: str, key: Callable[[dict[str, str]], str | None]) -> dict[str, int]:
            return _sums(families.get(name), key)

        answered = counted(
            "serve_requests", lambda of: of["status"] if of["version"] == version and _predicts(of) else None
        )
        return cls(
            sum(answered.values()),
            sum(count for status, count in answered.items() if status.startswith("5")),
            counted("serve_request_seconds", lambda of: of.get("le") if _predicts(of) else None),
            counted("serve_predicted", lambda of: of["label"] if of["version"] == version else None),
        )

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Counts":
        """Read what `record` returned."""
        return cls(**record)

    def record(self) -> dict[str, Any]:
        """Return the counts as JSON, for a record."""
        return asdict(self)

    def since(self, start: "Counts") -> "Counts":
        """Return what was counted since some moment.

        If a counter is smaller than it was then, the server was restarted: the counter is taken as it is.
        """
        if self.requests < start.requests or _fewer(self.within, start.within):
            return self
        return Counts(
            self.requests - start.requests,
            self.failed - start.failed,
            _minus(self.within, start.within),
            _minus(self.predicted, start.predicted),
        )

    def __add__(self, other: "Counts") -> "Counts":
        """Add up the counts of two servers, or of one before and after a restart."""
        return Counts(
            self.requests + other.requests,
            self.failed + other.failed,
            _plus(self.within, other.within),
            _plus(self.predicted, other.predicted),
        )

    def slow_from(self) -> str:
        """Return the histogram's bound below which SLOWEST of the requests are; "+Inf" if there are none."""
        bounds = sorted(self.within, key=float)
        total = self.within[bounds[-1]] if bounds else 0
        return next((bound for bound in bounds if total and self.within[bound] >= SLOWEST * total), "+Inf")

    def slower(self, bound: str) -> Rate:
        """Return how many requests took longer than a bound of the histogram."""
        total = max(self.within.values(), default=0)
        return Rate(total - self.within.get(bound, total), total)


def _predicts(of: dict[str, str]) -> bool:
    return of["route"] in ROUTES


def _sums(family: "Metric | None", key: Callable[[dict[str, str]], str | None]) -> dict[str, int]:
    """Add up the samples of a counter, or the buckets of a histogram, by a key; None leaves one out."""
    sums: dict[str, int] = {}
    for sample in family.samples if family else ():
        if sample.name.endswith(("_total", "_bucket")) and (name := key(sample.labels)) is not None:
            sums[name] = sums.get(name, 0) + int(sample.value)
    return sums


def _names(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return [*dict.fromkeys([*one, *other])]


def _fewer(now: dict[str, int], start: dict[str, int]) -> bool:
    return any(now.get(name, 0) < count for name, count in start.items())


def _minus(now: dict[str, int], start: dict[str, int]) -> dict[str, int]:
    return {name: count - start.get(name, 0) for name, count in now.items()}


def _plus(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in _names(one, other)}
