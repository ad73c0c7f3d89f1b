"""New rows, read as those were that the model has learned from: in parts, since there may be many."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..scoring.cells import typed
from ..scoring.expected import Expected
from ..scoring.reading import read, readable
from ..table.description import Description
from ..table.numbers import not_read
from ..table.parts import as_frame, columns_in

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("numeric", "categorical", "date", "text")
NAMED = 10  # columns in a line
NOTHING = Description(0, {}, frozenset())


@dataclass
class NewRows:
    """The rows of a file, and what was seen while they were read.

    Attributes:
        path: of the file.
        expected: the columns that have to be there, and the target, and how cells are written.
        target: which may be there.
        description: of the columns that are compared.
        unknown: the file's further columns.
        unread: how many cells hold neither a number or date, as their role wants, nor nothing; by column.
    """

    path: Path
    expected: Expected
    target: str
    description: Description = NOTHING
    unknown: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    def parts(self) -> "Iterator[pd.DataFrame]":
        """Read them: the columns that are compared, each with the type of its role.

        Raises:
            UserError: the file cannot be read, lacks a column, or holds no row.
        """
        expected = self._present()
        for part, described in read(self.path, expected):
            taken = list(expected.roles)
            self.unknown = [name for name in part.column_names if name not in taken]
            yield self._typed(as_frame(part.select(taken), described), expected)
        if not self.description.rows:
            raise UserError(f"{self.path}: holds no row")

    def notes(self) -> dict[str, str]:
        """Say what is not compared, by what it is about."""
        notes = {}
        if self.unread:
            cells = [f"{name} {count:,}" for name, count in self.unread.most_common()]
            notes["cells that cannot be read"] = f"{_listed(cells)}; they count as missing"
        if self.unknown:
            notes["columns that the model does not take"] = _listed(self.unknown)
        return notes

    def _present(self) -> Expected:
        """Return what is expected of this file: without the target, if it lacks that.

        Raises:
            UserError: it cannot be read.
        """
        with readable(self.path):
            names = columns_in(self.expected.reading(self.path, []))
        return self.expected if self.target in names else self.expected.without(self.target)

    def _typed(self, raw: "pd.DataFrame", expected: Expected) -> "pd.DataFrame":
        """Give a part's columns the types of their roles, and take note of it."""
        table = typed(raw, expected)
        unread = {
            name: int(not_read(raw[name], table[name]).sum())
            for name, role in expected.roles.items()
            if role in ("numeric", "date")
        }
        self.unread += Counter(unread)
        part, before = Description.of(table), self.description
        complete = part.complete & before.complete if before.rows else part.complete
        self.description = Description(before.rows + part.rows, part.types, complete)
        return table


def _listed(names: list[str]) -> str:
    """List the first names, and say how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
