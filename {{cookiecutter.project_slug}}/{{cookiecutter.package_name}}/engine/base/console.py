"""What the project prints: summaries and tables that can be copied, without passwords."""

import os
import sys
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size

from .progress import counting as counting
from .progress import working as working
from .text import masked

PADDED = 80  # the greatest width of a column, in characters; a longer text, such as a reason, runs over it


def summary(title: str, rows: Mapping[str, object]) -> None:
    """Print a result under its title, one line for each name and value.

    A line is never wrapped, so that its text can be copied.
    """
    values = {name: _text(value) for name, value in rows.items()}
    texts = {f"{name}:" if text else name: text for name, text in values.items()}
    widest = max(map(len, texts), default=0)
    aligned = widest + max(map(len, texts.values()), default=0) + 3 <= _terminal_width()
    _print_title(title)
    for name, text in texts.items():
        print(f"  {name:<{widest if aligned else 0}} {text}".rstrip())


def table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print a list, one line for each row, with the first row's names as its head.

    A line is never wrapped: on a terminal that is too narrow, each row is printed as a `summary`.
    """
    names = [str(name) for name in (rows[0] if rows else ())]
    texts = [[_text(value) for value in row.values()] for row in rows]
    columns = list(zip(names, *texts, strict=True))
    widths = [max(map(len, column)) for column in columns]
    padded = [max(len(text) for text in column if len(text) <= PADDED) for column in columns]
    if sys.stdout.isatty() and sum(widths) + 2 * len(widths) > _terminal_width():
        for number, row in enumerate(rows):
            summary(title if number == 0 else "", row)
        return
    _print_title(title)
    for line in [names, *texts] if rows else []:
        print(f"  {'  '.join(map(str.ljust, line, padded))}".rstrip())


def _print_title(title: str) -> None:
    """Print a title, in bold on a terminal."""
    bold = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in os.environ
    print(f"\033[1m{title}\033[0m" if bold and title else title)


def _terminal_width() -> int:
    """Return the terminal's width in characters; 0 if there is none, so that nothing is aligned."""
    return get_terminal_size().columns if sys.stdout.isatty() else 0


def _text(value: object) -> str:
    """Write a value in one line, without passwords."""
    return f"{value:.4g}" if isinstance(value, float) else masked(" ".join(str(value).splitlines()))
