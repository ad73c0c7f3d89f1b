"""Questions that only a person can answer: asked on a terminal, and else a line each of an error."""

import sys
from dataclasses import dataclass

from ..base.errors import UserError


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        key: what it is about.
        text: of it.
        option: of the command that answers it.
        answers: that are allowed.
        default: the one that Enter gives.
    """

    key: str
    text: str
    option: str
    answers: tuple[str, ...]
    default: str

    @property
    def line(self) -> str:
        """The question, with the option that answers it."""
        if self.key.startswith(("leak:", "date:")):
            ways = self.option if self.key.startswith("leak:") else self._each("")
        else:
            ways = self._each(" ")
        return f"{self.text} Say {ways}" if self.text.endswith("?") else f"{self.text}: say {ways}"

    def _each(self, between: str) -> str:
        return " or ".join(f"{self.option}{between}{_quoted(answer)}" for answer in self.answers)


def ask(question: Question) -> str:
    """Ask a question on the terminal, again until the answer is an allowed one."""
    shown = "/".join(answer.upper() if answer == question.default else answer for answer in question.answers)
    while True:
        answer = input(f"{question.text}\n  {shown}: ").strip()
        if not answer:
            return question.default
        if match := next((one for one in question.answers if one.lower() == answer.lower()), None):
            return match
        print(f"  one of {', '.join(question.answers)}")


def can_ask() -> bool:
    """Tell whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def unanswered(asked: list[Question]) -> UserError:
    """Make the error for questions that nobody can be asked."""
    return UserError("\n".join(question.line for question in asked))


def _quoted(text: str) -> str:
    return text if text.replace("-", "").replace("_", "").isalnum() else f"'{text}'"
