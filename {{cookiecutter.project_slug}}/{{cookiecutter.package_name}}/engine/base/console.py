"""What the project prints: summaries and tables that can be copied, without passwords."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest

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

    On a terminal that is too narrow, cells are broken between words, never within a word or a command in
    backticks; where that is not enough, each row is printed as a `summary`.
    """
    names = [str(name) for name in (rows[0] if rows else ())]
    texts = [[_text(value) for value in row.values()] for row in rows]
    columns = list(zip(names, *texts, strict=True))
    widths = [max(map(len, column)) for column in columns]
    padded = [max(len(text) for text in column if len(text) <= PADDED) for column in columns]
    lines = [names, *texts] if rows else []
    if sys.stdout.isatty() and sum(widths) + 2 * len(widths) > _terminal_width():
        padded = _narrowed(columns, _terminal_width() - 2 * len(widths))
        if not padded:
            for number, row in enumerate(rows):
                summary(title if number == 0 else "", row)
            return
        broken = [[_broken(cell, width) for cell, width in zip(line, padded, strict=True)] for line in lines]
        lines = [list(part) for line in broken for part in zip_longest(*line, fillvalue="")]
    _print_title(title)
    for line in lines:
        print(f"  {'  '.join(map(str.ljust, line, padded))}".rstrip())


def sentence(text: str, head: str = "") -> None:
    """Print a sentence after a head; where the terminal is too narrow, break it between words."""
    print(f"\n{' ' * len(head)}".join(_fitting(text, head)), flush=True)


def _narrowed(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return widths at which the columns fit when their cells are wrapped; none if there are none."""
    widths = [max(map(len, column)) for column in columns]
    least = [max(len(word) for cell in column for word in _words(cell)) for column in columns]
    if sum(least) > room:
        return []
    while sum(widths) > room:
        left = [number for number, width in enumerate(widths) if width > least[number]]
        widths[max(left, key=lambda number: widths[number])] -= 1
    return widths


def _broken(text: str, width: int) -> list[str]:
    """Break a text between words into lines of a width; a longer word has a line to itself."""
    lines = [""]
    for word in _words(text):
        longer = f"{lines[-1]} {word}".lstrip()
        lines = [*lines[:-1], longer] if len(longer) <= width or not lines[-1] else [*lines, word]
    return lines


def _fitting(text: str, head: str = "") -> list[str]:
    """Break what follows a head, where the terminal is too narrow for both."""
    width = _terminal_width()
    lines = [text] if len(head) + len(text) <= width or not width else _broken(text, width - len(head))
    return [head + lines[0], *lines[1:]]


def _words(text: str) -> list[str]:
    """Return the words of a text, at least one; a command in backticks is one word."""
    return re.findall(r"`[^`]*`\S*|\S+", text) or [""]


def _print_title(title: str) -> None:
    """Print a title, in bold on a terminal."""
    bold = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in os.environ
    text = "\n".join(_fitting(title))
    print(f"\033[1m{text}\033[0m" if bold and text else text)


def _terminal_width() -> int:
    """Return the terminal's width in characters; 0 if there is none, so that nothing is aligned."""
    if not sys.stdout.isatty():
        return 0
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _text(value: object) -> str:
    """Format a value in one line, without passwords."""
    return f"{value:.4g}" if isinstance(value, float) else masked(" ".join(str(value).splitlines()))
