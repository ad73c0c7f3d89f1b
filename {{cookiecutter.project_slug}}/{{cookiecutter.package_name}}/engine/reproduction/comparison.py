"""Whether two results are the same: every metric, and the prediction of every row."""

import csv
import io
import math
from dataclasses import dataclass

from ..tracking.results import Result

TIMED = ("latency_ms", "batch_latency_ms")  # depend on the machine and its load


@dataclass(frozen=True)
class Comparison:
    """What differs between a recorded and a reproduced result; there is no tolerance.

    Attributes:
        metrics: recorded and reproduced value of each metric that differs; None if it was not measured.
        compared: how many metrics were compared.
        rows: how many test rows have another prediction.
        of_rows: how many test rows there are.
        largest: the greatest absolute difference between predicted numbers, in the target's unit or, for
            probabilities, between 0 and 1; 0 if only labels differ.
    """

    metrics: dict[str, tuple[float | None, float | None]]
    compared: int
    rows: int
    of_rows: int
    largest: float


def compare(was: Result, now: Result) -> Comparison:
    """Compare a recorded with a reproduced result."""
    names = [name for name in {**was.metrics, **now.metrics} if name not in TIMED]
    pairs = {name: (was.metrics.get(name), now.metrics.get(name)) for name in names}
    old, new = (list(csv.DictReader(io.StringIO(result.predictions))) for result in (was, now))
    count = max(len(old), len(new))
    aligned = [(a, b) for a, b in zip(old, new, strict=False) if a.keys() == b.keys()]
    gaps = [[_gap(a[column], b[column]) for column in a] for a, b in aligned]
    return Comparison(
        metrics={name: (a, b) for name, (a, b) in pairs.items() if a != b},
        compared=len(names),
        rows=count - sum(not any(row) for row in gaps),
        of_rows=count,
        largest=max((gap for row in gaps for gap in row if math.isfinite(gap)), default=0.0),
    )


def _gap(was: str, now: str) -> float:
    """Return the distance of two cells: 0 only if their text is equal, infinity if they are not numbers."""
    if was == now:
        return 0.0
    try:
        gap = abs(float(was) - float(now))
    except ValueError:
        return math.inf
    return gap if math.isfinite(gap) else math.inf
