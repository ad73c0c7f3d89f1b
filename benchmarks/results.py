"""What was measured, as ratios to P1, and which bars are met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.cases import BEYOND, MEMORY, PEAK, WALL, Bar
from benchmarks.measure import Measured

YARDSTICK, JUDGED = "P1", "project"
CPU = "CPU"  # has no bar: it is shown beside the time

VALUE: dict[str, Callable[[Measured], float]] = {
    WALL: lambda measured: measured.wall,
    CPU: lambda measured: measured.cpu,
    MEMORY: lambda measured: measured.memory,
}


@dataclass(frozen=True)
class Sample:
    """One contestant in one case in one round."""

    size: str
    case: str
    contestant: str
    round: int
    measured: Measured


@dataclass(frozen=True)
class Spread:
    """A median, and the least and the greatest value."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Sum up at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Verdict:
    """A bar, and what the project has, as a ratio or as it is: None if it was not measured."""

    bar: Bar
    ratio: Spread | None

    @property
    def met(self) -> bool:
        """Whether the median, to the two digits in which bars are given, is within the bar."""
        return self.ratio is not None and round(self.ratio.median, 2) <= self.bar.limit


def measured(samples: Sequence[Sample], size: str, case: str, contestant: str) -> list[Measured]:
    """Pick the measurements of one contestant in one case, in the order of the rounds."""
    wanted = (size, case, contestant)
    found = [sample for sample in samples if (sample.size, sample.case, sample.contestant) == wanted]
    return [sample.measured for sample in sorted(found, key=lambda sample: sample.round)]


def ratio(
    samples: Sequence[Sample],
    size: str,
    case: str,
    contestant: str,
    measure: str = WALL,
    against: str = YARDSTICK,
) -> Spread | None:
    """Compare a contestant with another, each round with its own, so that a slow minute slows both.

    Returns:
        The spread of the rounds' ratios; None if one of the two was not measured.
    """
    ratios = _ratios(samples, size, case, contestant, measure, against)
    return Spread.of(ratios) if ratios else None


def _ratios(
    samples: Sequence[Sample], size: str, case: str, contestant: str, measure: str, against: str
) -> list[float]:
    """Return a ratio for each round; none, if one of the two was not measured."""
    theirs = measured(samples, size, case, against)
    ours = measured(samples, size, case, contestant)
    value = VALUE[measure]
    return [value(our) / value(their) for our, their in zip(ours, theirs, strict=bool(ours and theirs))]


def judge(samples: Sequence[Sample], bars: Sequence[Bar]) -> list[Verdict]:
    """Hold the project's ratios, and its memory, against the bars."""
    return [Verdict(bar, _held(samples, bar)) for bar in bars]


def _held(samples: Sequence[Sample], bar: Bar) -> Spread | None:
    if bar.measure == PEAK:
        values = [one.memory for one in measured(samples, bar.size, bar.case, JUDGED)]
    elif bar.measure == BEYOND:
        ours, theirs = (
            _ratios(samples, bar.size, bar.case, who, WALL, YARDSTICK) for who in (JUDGED, bar.against)
        )
        values = [our - their for our, their in zip(ours, theirs, strict=bool(ours and theirs))]
    else:
        values = _ratios(samples, bar.size, bar.case, JUDGED, bar.measure, bar.against)
    return Spread.of(values) if values else None
