"""How the project speaks: summaries and tables that can be copied, and no password in them."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size

from .text import masked

PADDED = 80  # a column is no wider for a text that is longer, such as a reason


def summary(title: str, rows: Mapping[str, object]) -> None:
    """Print a result under its title, a line for each name and value.

    A line is never wrapped, so that what is in it can be copied.
    """
    values = {name: _text(value) for name, value in rows.items()}
    texts = {f"{name}:" if text else name: text for name, text in values.items()}
    widest = max(map(len, texts), default=0)
    aligned = widest + max(map(len, texts.values()), default=0) + 3 <= _columns()
    _head(title)
    for name, text in texts.items():
        print(f"  {name:<{widest if aligned else 0}} {text}".rstrip())


def table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print a list with a line for each row, and the first row's names as its head.

    A line is never wrapped: on a terminal that is too narrow, each row has a line for each name.
    """
    names = [str(name) for name in (rows[0] if rows else ())]
    texts = [[_text(value) for value in row.values()] for row in rows]
    columns = list(zip(names, *texts, strict=True))
    widths = [max(map(len, column)) for column in columns]
    padded = [max(len(text) for text in column if len(text) <= PADDED) for column in columns]
    if sys.stdout.isatty() and sum(widths) + 2 * len(widths) > _columns():
        for number, row in enumerate(rows):
            summary(title if number == 0 else "", row)
        return
    _head(title)
    for line in [names, *texts] if rows else []:
        print(f"  {'  '.join(map(str.ljust, line, padded))}".rstrip())


def _head(title: str) -> None:
    """Print a title, in bold on a terminal."""
    bold = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in os.environ
    print(f"\033[1m{title}\033[0m" if bold and title else title)


def _columns() -> int:
    """Return how wide a line may be to be aligned: nothing is, if there is no terminal."""
    return get_terminal_size().columns if sys.stdout.isatty() else 0


def _text(value: object) -> str:
    """Write a value in one line, without a password in it."""
    return f"{value:.4g}" if isinstance(value, float) else masked(" ".join(str(value).splitlines()))


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show that something which may take long is under way; on a terminal only."""
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield
