"""What a check has found out, in one line: all is well, or what is wrong and what to do."""

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
    """Make the finding of what has to be corrected before work can go on."""
    return Finding(text, fix, "problem")


def warning(text: str, fix: str = "") -> Finding:
    """Make the finding of what should be corrected, though work can go on."""
    return Finding(text, fix, "warning")


def refused(error: UserError) -> Finding:
    """Make the finding of a user's mistake, whose message says what to do; of several the first."""
    first, *more = str(error).splitlines()
    return problem(first + (f" (and {len(more)} more)" if more else ""))
