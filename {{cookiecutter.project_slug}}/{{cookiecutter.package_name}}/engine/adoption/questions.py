"""Questions that only a person can answer: asked on a terminal, or else listed as lines of an error."""

import sys
from dataclasses import dataclass

from ..base.errors import UserError


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        key: what the question is about.
        text: the question's text.
        option: the command's option that answers it.
        answers: the answers that are allowed.
        default: the answer that Enter gives.
    """

    key: str
    text: str
    option: str
    answers: tuple[str, ...]
    default: str

    @property
    def line(self) -> str:
        """The question with the option that answers it."""
        if self.key.startswith(("leak:", "date:")):
            ways = self.option if self.key.startswith("leak:") else self._each("")
        else:
            ways = self._each(" ")
        return f"{self.text} Say {ways}" if self.text.endswith("?") else f"{self.text}: say {ways}"

    def _each(self, between: str) -> str:
        return " or ".join(f"{self.option}{between}{_quoted(answer)}" for answer in self.answers)


def ask(question: Question) -> str:
    """Ask a question on the terminal, until the answer is one of those allowed.

    Raises:
        UserError: the input has ended (Ctrl-D).
    """
    answers = question.answers
    while True:
        try:
            answer = input(f"{question.text}\n  {' / '.join(answers)} [{question.default}]: ").strip()
        except EOFError:
            print()
            raise unanswered([question]) from None
        alike = [one for one in answers if one.casefold() == answer.casefold()]
        if answer in ("", *answers) or len(alike) == 1:
            return answer if answer in answers else (alike or [question.default])[0]
        print(f"  one of {', '.join(answers)}")


def can_ask() -> bool:
    """Tell whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def unanswered(asked: list[Question]) -> UserError:
    """Return the error for questions that cannot be asked without a terminal."""
    return UserError("\n".join(question.line for question in asked))


def _quoted(text: str) -> str:
    return text if text.replace("-", "").replace("_", "").isalnum() else f"'{text}'"
