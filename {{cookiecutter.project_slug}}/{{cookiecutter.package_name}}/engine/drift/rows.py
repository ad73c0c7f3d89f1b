"""New rows, read as those were that the model has learned from: in parts, since there may be many."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..params import Columns, Data
from ..table.description import Description
from ..table.numbers import not_read
from ..table.parts import as_frame, columns_in, read_tables
from ..table.roles import Role
from ..table.types import to_types

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
        data: how such a file is written.
        roles: of the columns that have to be there.
        target: which may be there.
        description: of the columns that are compared.
        unknown: the file's further columns.
        unread: how many cells hold neither a number or date, as their role wants, nor nothing; by column.
    """

    path: Path
    data: Data
    roles: dict[str, str]
    target: str
    description: Description = NOTHING
    unknown: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    def parts(self) -> "Iterator[pd.DataFrame]":
        """Read them: the columns that are compared, each with the type of its role.

        Raises:
            UserError: the file cannot be read, lacks a column, or holds no row.
        """
        try:
            names = columns_in(self._described([]))
            taken = self._taken(names)
            self.unknown = [name for name in names if name not in taken]
            described = self._described(self.unknown)
            for part in read_tables(described):
                if part.num_rows:
                    yield self._typed(as_frame(part.select(taken), described), described)
        except FileNotFoundError:
            raise UserError(f"{self.path}: no such file") from None
        except (OSError, ValueError) as error:  # Arrow's own errors and UnicodeDecodeError are ValueErrors
            raise UserError(f"{self.path}: cannot be read as a table: {first_line(error)}") from None
        if not self.description.rows:
            raise UserError(f"{self.path}: holds no row")

    def whole(self) -> "pd.DataFrame":
        """Read all of them at once."""
        import pandas as pd

        return pd.concat(self.parts(), ignore_index=True)

    def notes(self) -> dict[str, str]:
        """Say what is not compared, by what it is about."""
        notes = {}
        if self.unread:
            cells = [f"{name} {count:,}" for name, count in self.unread.most_common()]
            notes["cells that cannot be read"] = f"{_listed(cells)}; they count as missing"
        if self.unknown:
            notes["columns that the model does not take"] = _listed(self.unknown)
        return notes

    def _described(self, others: list[str]) -> Data:
        """Say how the file is read; its other columns are not."""
        listed = {role: [name for name, its in self.roles.items() if its == role] for role in ROLES}
        columns = Columns(**listed, drop=others)
        return self.data.model_copy(update={"path": self.path, "target": self.target, "columns": columns})

    def _taken(self, names: list[str]) -> list[str]:
        """Return the columns that are compared.

        Raises:
            UserError: one is not there.
        """
        if lacking := [name for name in self.roles if name not in names]:
            raise UserError(f"{self.path}: lacks what it is compared by: {_listed(lacking)}")
        return [*self.roles, *([self.target] if self.target in names else [])]

    def _typed(self, raw: "pd.DataFrame", described: Data) -> "pd.DataFrame":
        """Give a part's columns the types of their roles, and take note of it."""
        roles = [Role(str(name), self.roles.get(str(name), "target")) for name in raw.columns]
        table = to_types(raw, described, roles)
        self.unread += Counter(
            {str(name): int(not_read(raw[name], table[name]).sum()) for name in raw.columns}
        )
        part, before = Description.of(table), self.description
        complete = part.complete & before.complete if before.rows else part.complete
        self.description = Description(before.rows + part.rows, part.types, complete)
        return table


def _listed(names: list[str]) -> str:
    """List the first names, and say how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
