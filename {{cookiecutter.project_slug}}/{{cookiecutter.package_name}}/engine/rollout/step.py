"""The step that a canary is at. Only the history of its registered model keeps it: each step is a record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..blocks.canary import Canary
from ..registry.changes import Change, aliases_after
from ..registry.registry import CANARY, CHAMPION
from .comparison import Check
from .counts import Counts

NOTHING = Counts()


@dataclass(frozen=True)
class Traffic:
    """What a canary and the champion have counted, since the start of their servers or of a step.

    Attributes:
        canary: the counts of the canary's server.
        champion: the counts of the champion's server.
        proxy: what haproxy counted as failures of the canary.
    """

    canary: Counts = NOTHING
    champion: Counts = NOTHING
    proxy: Counts = NOTHING

    def since(self, start: "Traffic") -> "Traffic":
        """Return what was counted since some moment."""
        return Traffic(
            self.canary.since(start.canary),
            self.champion.since(start.champion),
            self.proxy.since(start.proxy),
        )

    def attempts(self) -> Counts:
        """Return the canary's counts with the requests that it never answered, which its server cannot count.

        Requests that it answered with 5xx are in both counts.
        """
        unanswered = max(0, self.proxy.failed - self.canary.failed)
        return self.canary + Counts(requests=unanswered, failed=unanswered)

    def record(self) -> dict[str, Any]:
        """Return it as JSON, for a record."""
        return {name: getattr(self, name).record() for name in ("canary", "champion", "proxy")}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Traffic":
        """Read what `record` returned."""
        return cls(**{name: Counts.from_record(counts) for name, counts in record.items()})


@dataclass(frozen=True)
class Step:
    """A canary's share of the traffic, and since when.

    Attributes:
        version: its number.
        share: the share in percent; 0 until its server answers with the version.
        since: the time in UTC.
        start: what was counted until then; nothing if the share is 0.
        champion: the number of the champion with which it is compared.
        first: the share that it is to begin with, in percent.
    """

    version: str
    share: int
    since: datetime
    start: Traffic
    champion: str
    first: int

    @property
    def seconds(self) -> float:
        """How long it has been at this step."""
        return (datetime.now(UTC) - self.since).total_seconds()

    def waits_for(self, seen: Traffic, limits: Canary) -> str:
        """Say what the next step waits for; empty if it waits for nothing.

        Args:
            seen: what was counted at this step.
            limits: the block of params.yaml.
        """
        waits = waiting(seen, self.seconds, limits)
        return f"{self.share} %: {waits}" if waits else ""

    def next_share(self, steps: list[int]) -> int:
        """Return the share of the next step; 100 at the last one."""
        wanted = self.first if self.share == 0 else self.share + 1
        return next((step for step in steps if step >= wanted), 100)


def waiting(seen: Traffic, seconds: float, limits: Canary) -> str:
    """Say how much more traffic or time is needed; empty if none is.

    Args:
        seen: what was counted in this time.
        seconds: how long that was.
        limits: the block of params.yaml.
    """
    few = f"{seen.canary.requests} of {limits.requests} requests"
    if seconds < limits.seconds:
        return f"{seconds:.0f} of {limits.seconds} s, {few}"
    if seen.canary.requests < limits.requests or not seen.champion.requests:
        return f"too little traffic to decide anything: {few} in {seconds:.0f} s"
    return ""


def step_of(changes: list[Change]) -> Step | None:
    """Return where the canary is; None if there is none.

    Args:
        changes: the history, the oldest first.
    """
    version = aliases_after(changes)[CANARY]
    if not version:
        return None
    for change in reversed(changes):
        if change.share is not None:
            figures = change.figures
            return Step(
                version,
                change.share,
                datetime.fromisoformat(change.at),
                Traffic.from_record(figures.get("start", {})),
                change.after[CHAMPION],
                int(figures.get("first", 0)),
            )
        if change.before.get(CANARY, "") != version:
            break  # the alias was set in another way
    return Step(version, 0, datetime.fromisoformat(change.at), Traffic(), change.after[CHAMPION], 0)


def figures(
    start: Traffic | None = None,
    seen: "Traffic | None" = None,
    checks: tuple[Check, ...] = (),
    first: int = 0,
) -> dict[str, Any]:
    """Return what a record keeps: the counts that its step starts with, and why it was made.

    Args:
        start: what was counted until the new step; None if there is no new step.
        seen: what was counted at the step before.
        checks: the comparisons of these counts.
        first: the share that a canary is to begin with, in percent.
    """
    record: dict[str, Any] = {"first": first} if first else {}
    if start is not None:
        record["start"] = start.record()
    if seen is not None:
        record["seen"] = seen.record()
        record["checks"] = [str(check) for check in checks]
    return record
