"""What a record of the history says, and what follows from a list of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ..lineage.lineage import user
from .registry import CHALLENGER, CHAMPION

ALIASES = (CHAMPION, CHALLENGER)
OUTSIDE, ROLLBACK = "outside these commands", "rollback"


@dataclass(frozen=True)
class Change:
    """A record.

    Attributes:
        command: that made it, or OUTSIDE.
        before: the version of each of ALIASES; empty: none.
        after: the same, from then on.
        at: when, in UTC.
        by: who; of a change made outside that is not known, and `at` is when it was noticed.
        gates: what the version had to show, as in a `Decision`.
        forced: whether gates that were failed, or could not be judged, were overridden.
        id: no other record has it.
    """

    command: str
    before: dict[str, str]
    after: dict[str, str]
    reason: str = ""
    gates: list[dict[str, Any]] = field(default_factory=list)
    forced: bool = False
    by: str = field(default_factory=user)
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def verdict(self) -> str:
        """Say in a few words what came of the gates."""
        failed = [gate["name"] for gate in self.gates if not gate["passed"]]
        passed = f"{len(self.gates) - len(failed)} of {len(self.gates)} gates passed" if self.gates else ""
        word = "forced" if self.forced else "not passed"
        return passed + (f"; {word}: {', '.join(failed)}" if failed else "")


def aliases_after(changes: list[Change]) -> dict[str, str]:
    """Return the version of each of ALIASES after the last record; empty: none."""
    return changes[-1].after if changes else dict.fromkeys(ALIASES, "")


def champions(changes: list[Change]) -> list[str]:
    """List the champions, the present one last, without those that a rollback did away with."""
    stack: list[str] = []
    for change in changes:
        version = change.after[CHAMPION]
        if version == change.before[CHAMPION]:
            continue
        # somebody who went back by hand has rolled back, too
        if change.command == ROLLBACK or (change.command == OUTSIDE and version and version in stack):
            while stack and stack[-1] != version:
                stack.pop()
        else:
            stack.append(version)
    return stack


def moves(change: Change) -> str:
    """Say in a few words what a record changed: `@champion 1 -> 3`."""
    moved = (a for a in ALIASES if change.before[a] != change.after[a])
    return ", ".join(f"@{a} {change.before[a] or 'none'} -> {change.after[a] or 'none'}" for a in moved)


def one_line(text: str) -> str:
    """Put a reason that may have several lines into one."""
    return " ".join(text.splitlines())
