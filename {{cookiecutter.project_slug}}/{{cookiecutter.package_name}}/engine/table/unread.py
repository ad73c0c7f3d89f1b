"""Which rows of a file of text cannot be read, and why."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..params import Format
from . import recognition
from .lines import opened, rows_of
from .remedy import Unreadable

NAMED_LINES = 5  # lines of the wrong length that are named; the others are counted


def why_unread(
    error: Exception, path: Path, form: Format, separator: str, columns: int, head: bytes
) -> Unreadable:
    """Say in a line why Arrow does not read a file."""
    message = str(error)
    if isinstance(error, UnicodeError) or "UTF8" in message:
        return recognition.wrong_encoding(path, form)
    if "Could not skip" in message:
        return Unreadable("it has a header, but no rows")
    if other := recognition.other_layout(head, separator, form):
        return other
    if "straddl" in message or "out of sync" in message:
        check_quotes(path, form, separator)
        return Unreadable("a row is longer than what is read at once; is a quote not closed?")
    if "Expected" in message:
        return Unreadable(wrong_lengths(path, form, separator, columns))
    return Unreadable(message)


def wrong_lengths(path: Path, form: Format, separator: str, columns: int) -> str:
    """Name the rows that have more or fewer cells than the header has."""
    rows = rows_in(path, form, separator)
    wrong = [(line, len(row)) for line, row in rows if row and len(row) != columns]
    if not wrong:
        return "its rows differ in length"
    line, count = wrong[0]
    others = ", ".join(str(line) for line, _ in wrong[1:NAMED_LINES])
    more = (
        f" ({len(wrong)} such lines: {line}, {others}{', …' * (len(wrong) > NAMED_LINES)})" if others else ""
    )
    remedy = (
        "which one is missing cannot be known: an empty cell needs its separator, too"
        if count < columns
        else f"put a cell with a {separator!r} in it into quotes"
    )
    return f"line {line} has {count} cells, and the header {columns}{more}: {remedy}"


def check_quotes(path: Path, form: Format, separator: str) -> None:
    """Check that each quote is closed; otherwise all that follows is one cell.

    Raises:
        ValueError: a quote is not closed.
    """
    begins = 1
    try:
        for line, _ in rows_in(path, form, separator, strict=True):
            begins = line + 1
    except csv.Error:
        raise ValueError(
            f"line {begins} has a quote that is not closed: all that follows is one cell"
        ) from None


def rows_in(path: Path, form: Format, separator: str, **how: Any) -> Iterator[tuple[int, list[str]]]:
    """Go through the rows of a file, the header first, each with the number of its last line."""
    csv.field_size_limit(2**31 - 1)
    with opened(path, form) as file:
        yield from rows_of(file, separator, form, **how)
