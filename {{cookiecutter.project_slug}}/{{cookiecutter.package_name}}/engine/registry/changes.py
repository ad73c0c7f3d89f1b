"""A record of the history, which is one change of the aliases; and what follows from a list of records."""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ..lineage.lineage import user
from .registry import CANARY, CHALLENGER, CHAMPION

ALIASES = (CHAMPION, CHALLENGER, CANARY)
OUTSIDE, ROLLBACK = "outside these commands", "rollback"


@dataclass(frozen=True)
class Change:
    """A record of one change.

    Attributes:
        command: the command that made the change, or OUTSIDE.
        before: the version that had each of ALIASES; empty if none had it.
        after: the version that has each of ALIASES from then on; empty if none has it.
        reason: why, in the words of the person who made the change.
        gates: the gates that the version was put through, as in a `Decision`.
        forced: whether failed or undecided gates were overridden.
        by: the account on the tracking server or, if that has no accounts, the user's login; "unknown" for a
            change made outside these commands.
        login, host, job: as in `tracking.who.Who`; empty in a record of an older engine.
        at: the time in UTC, ISO 8601; for a change made outside these commands, when it was noticed.
        id: a unique id.
        refused: the server refused to move the aliases, so the change did not happen.
        share: the canary's share of the traffic from then on, in percent; None if the record does not change
            it.
        figures: what the canary was compared by; see `rollout.step`.
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
    login: str = ""
    host: str = ""
    job: str = ""
    refused: bool = False
    share: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Change":
        """Read a record, without what a newer engine has added to it."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in record.items() if name in known})

    @property
    def who(self) -> str:
        """The account and, if it is a different name, the login."""
        return self.by if self.login in ("", self.by) else f"{self.by} ({self.login})"

    @property
    def verdict(self) -> str:
        """The outcome of the gates in a few words; empty if there were none."""
        if self.refused:
            return "refused by the server: no alias was moved"
        failed = [gate["name"] for gate in self.gates if not gate["passed"]]
        passed = f"{len(self.gates) - len(failed)} of {len(self.gates)} gates passed" if self.gates else ""
        word = "forced" if self.forced else "not passed"
        return passed + (f"; {word}: {', '.join(failed)}" if failed else "")


def aliases_after(changes: list[Change]) -> dict[str, str]:
    """Return the version of each of ALIASES after the last record; empty if it has none."""
    # a record of an older engine does not name every alias
    return dict.fromkeys(ALIASES, "") | (changes[-1].after if changes else {})


def champions(changes: list[Change]) -> list[str]:
    """List the champions, the current one last, without those that were rolled back."""
    stack: list[str] = []
    for change in changes:
        version = change.after[CHAMPION]
        if version == change.before[CHAMPION]:
            continue
        # moving the alias back by hand is a rollback, too
        if change.command == ROLLBACK or (change.command == OUTSIDE and version and version in stack):
            while stack and stack[-1] != version:
                stack.pop()
        else:
            stack.append(version)
    return stack


def moves(change: Change) -> str:
    """Describe what a record changed: `@champion 1 -> 3`."""
    numbers = [(alias, change.before.get(alias, ""), change.after.get(alias, "")) for alias in ALIASES]
    moved = [
        f"@{a} {before or 'none'} -> {after or 'none'}" for a, before, after in numbers if before != after
    ]
    return ", ".join([*moved, *([] if change.share is None else [f"{change.share} % of the traffic"])])


def one_line(text: str) -> str:
    """Join the lines of a reason."""
    return " ".join(text.splitlines())
