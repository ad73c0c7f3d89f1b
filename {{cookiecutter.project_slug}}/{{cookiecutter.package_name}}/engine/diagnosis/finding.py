"""The finding of a check, in one line: all is well, or what is wrong and what to do."""

from dataclasses import dataclass
from typing import Literal

from ..base.errors import UserError

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """The result of a check; `fix` is empty if there is nothing to do, or if `text` says what to do."""

    text: str
    fix: str = ""
    state: State = "ok"

    def __str__(self) -> str:
        return f"{self.text}; {self.fix}" if self.fix else self.text


def problem(text: str, fix: str = "") -> Finding:
    """Return a finding that has to be corrected before work can go on."""
    return Finding(text, fix, "problem")


def warning(text: str, fix: str = "") -> Finding:
    """Return a finding that should be corrected, although work can go on."""
    return Finding(text, fix, "warning")


def refused(error: UserError) -> Finding:
    """Return the finding for a user's mistake, or for the first of several; its message says what to do."""
    first, *more = str(error).splitlines()
    return problem(first + (f" (and {len(more)} more)" if more else ""))
