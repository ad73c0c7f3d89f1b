"""CSV as a client sends it: read as strictly as `predict` reads a file, and as quickly whatever is in it."""

import csv
import io
from collections.abc import Iterator

from ..base.text import repeated
from ..table.delimited import NAMELESS

LONGEST = 2**31 - 1  # characters of a cell; the body has a limit of its own
OTHERS = ";\t|"  # what cells are separated by in files that other programs write


class RowError(ValueError):
    """A row that cannot be read.

    Attributes:
        row: its place among the rows, from 0.
    """

    def __init__(self, row: int, message: str) -> None:
        """Take the row's place, and what is wrong with it."""
        super().__init__(message)
        self.row = row


def parsed(body: bytes) -> list[dict[str, str]]:
    """Read the rows of CSV in UTF-8 that has a header; every cell is text, and an empty line is no row.

    Raises:
        RowError: a row has more or fewer cells than the header: which is which cannot be known.
        ValueError: it is not CSV, or two columns have one name.
    """
    csv.field_size_limit(LONGEST)
    lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    try:
        rows = (row for row in lines if row)
        names = _names(next(rows, []))
        return list(_records(rows, names))
    except csv.Error as error:
        raise ValueError(f"line {lines.line_num}: {error}") from None


def _names(header: list[str]) -> list[str]:
    if not header:
        raise ValueError("it has no header")
    if len(header) == 1 and (other := next((sign for sign in OTHERS if sign in header[0]), None)):
        raise ValueError(f"its cells are separated by {other!r}, not by ','")
    names = [name or NAMELESS.format(position) for position, name in enumerate(header)]
    if twice := repeated(names):
        raise ValueError(f"it has more than one column {twice[0][:40]!r}")
    return names


def _records(rows: Iterator[list[str]], names: list[str]) -> Iterator[dict[str, str]]:
    for place, row in enumerate(rows):
        if len(row) != len(names):
            remedy = (
                "an empty cell needs its separator, too"
                if len(row) < len(names)
                else "put a cell with a ',' in it into quotes"
            )
            raise RowError(place, f"has {len(row)} cells, and the header {len(names)}: {remedy}")
        yield dict(zip(names, row, strict=True))
