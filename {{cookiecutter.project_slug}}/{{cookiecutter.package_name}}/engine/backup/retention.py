"""Which backups are kept: one for each of the last days, and one a week and one a month for longer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Retention:
    """For how many days, weeks and months the newest backup is kept; those without a backup do not count."""

    days: int = 7
    weeks: int = 4
    months: int = 12

    def kept(self, times: list[datetime]) -> set[datetime]:
        """Return the times of the backups that are kept; the newest is always among them."""
        spans: list[tuple[int, Callable[[datetime], tuple[int, ...]]]] = [
            (self.days, lambda time: (time.year, time.month, time.day)),
            (self.weeks, lambda time: time.isocalendar()[:2]),
            (self.months, lambda time: (time.year, time.month)),
        ]
        kept = set(sorted(times)[-1:])
        for count, span_of in spans:
            newest = {span_of(time): time for time in sorted(times)}
            kept |= {newest[span] for span in sorted(newest, reverse=True)[:count]}
        return kept
