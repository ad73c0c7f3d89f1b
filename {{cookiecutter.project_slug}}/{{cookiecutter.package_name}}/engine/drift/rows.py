"""New rows, read as those that the model has learned from: in parts, since there may be many."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..base.errors import UserError
from ..scoring import logged
from ..scoring.cells import typed
from ..scoring.expected import Expected
from ..scoring.reading import read, readable
from ..table.description import Description
from ..table.numbers import not_read
from ..table.parts import as_frame, columns_in
from .predictions import PREDICTED, PROBABILITY

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ROLES = ("numeric", "categorical", "date", "text")
NAMED = 10  # columns in a line
NOTHING = Description(0, {}, frozenset())


class Part(NamedTuple):
    """Some rows.

    Attributes:
        table: the columns that are compared, each with the type of its role.
        version: the version that answered them, if they are requests; otherwise empty.
        predicted: what it has predicted for them; None if they are no requests.
    """

    table: "pd.DataFrame"
    version: str = ""
    predicted: "pd.DataFrame | None" = None


@dataclass
class NewRows:
    """The rows of a file, or of the requests in a folder, and what was seen while they were read.

    Attributes:
        path: the path of the file or the folder.
        expected: the columns that have to be there, and the target, and how cells are written.
        target: the target, which may be there.
        description: the description of the columns that are compared.
        unknown: the file's further columns.
        unread: how many cells hold neither a number or date, as their role wants, nor nothing; by column.
        left_out: columns that are compared, and that some requests were kept without.
    """

    path: Path
    expected: Expected
    target: str
    description: Description = NOTHING
    unknown: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)

    def parts(self) -> Iterator[Part]:
        """Read them.

        Raises:
            UserError: a file cannot be read, lacks a column, or has no rows; or there is none in the folder.
        """
        for path in logged.files_in(self.path) if self.path.is_dir() else [self.path]:
            yield from self._parts_of(path)
        if not self.description.rows:
            raise UserError(f"{self.path}: has no rows")

    def _parts_of(self, path: Path) -> Iterator[Part]:
        with readable(path):
            about = logged.Description.of(path) if path != self.path else None
        left_out = about.left_out if about else ()
        expected = self._present(path, left_out)
        self.left_out = [name for name in self.expected.roles if name in (*self.left_out, *left_out)]
        for part, described in read(path, expected):
            taken = list(expected.roles)
            others = [name for name in part.column_names if name not in taken]
            self.unknown = [*others] if about is None else []
            table = self._typed(as_frame(part.select(taken), described), expected)
            yield Part(table, about.version, _predicted(part)) if about else Part(table)

    def notes(self) -> dict[str, str]:
        """Say what is not compared, by what it is about."""
        notes = {}
        if self.unread:
            cells = [f"{name} {count:,}" for name, count in self.unread.most_common()]
            notes["cells that cannot be read"] = f"{_listed(cells)}; they count as missing"
        if self.left_out:
            notes["columns that requests were kept without"] = _listed(self.left_out)
        if self.unknown:
            notes["columns that the model does not take"] = _listed(self.unknown)
        return notes

    def _present(self, path: Path, left_out: Iterable[str]) -> Expected:
        """Return what is expected of a file: without what was left out, and the target if it lacks that.

        Raises:
            UserError: it cannot be read.
        """
        expected = self.expected
        for name in left_out:
            expected = expected.without(name)
        with readable(path):
            names = columns_in(expected.reading(path, []))
        return expected if self.target in names else expected.without(self.target)

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
        self.description = Description(before.rows + part.rows, before.types | part.types, complete)
        return table


def _predicted(part: "pa.Table") -> "pd.DataFrame":
    """Return what has been predicted for some requests."""
    names = [name for name in part.column_names if name == PREDICTED or name.startswith(PROBABILITY)]
    table: pd.DataFrame = part.select(names).to_pandas()
    return table


def _listed(names: list[str]) -> str:
    """List the first names, and say how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
