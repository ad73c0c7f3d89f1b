"""New rows, read as those were that the model has learned from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..params import Columns, Data
from ..table.files import read_file
from ..table.numbers import not_read
from ..table.roles import Role
from ..table.types import to_types

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("numeric", "categorical", "date", "text")


@dataclass(frozen=True)
class NewRows:
    """n rows.

    Attributes:
        table: the columns that are compared, each with the type of its role.
        unknown: further columns of the file.
        unread: how many cells hold neither a number or date, as their role wants, nor nothing; by column.
    """

    table: "pd.DataFrame"
    unknown: list[str]
    unread: dict[str, int]

    def notes(self) -> dict[str, str]:
        """Say what is not compared, by what it is about."""
        notes = {}
        if self.unread:
            cells = ", ".join(f"{name} {count:,}" for name, count in self.unread.items())
            notes["cells that cannot be read"] = f"{cells}; they count as missing"
        if self.unknown:
            notes["columns that the model does not take"] = ", ".join(self.unknown)
        return notes


def read_new(path: Path, data: Data, roles: dict[str, str], target: str) -> NewRows:
    """Read a file of new rows.

    Args:
        path: of the file.
        data: how such a file is written.
        roles: of the columns that have to be there.
        target: which may be there.

    Raises:
        UserError: it cannot be read, or lacks a column.
    """
    listed = {role: [name for name, its in roles.items() if its == role] for role in ROLES}
    described = data.model_copy(update={"path": path, "target": target, "columns": Columns(**listed)})
    try:
        raw, names = read_file(described)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # Arrow's own errors and UnicodeDecodeError are ValueErrors
        raise UserError(f"{path}: cannot be read as a table: {first_line(error)}") from None
    if raw.empty:
        raise UserError(f"{path}: holds no row")
    if lacking := [name for name in roles if name not in names]:
        raise UserError(f"{path}: lacks what it is compared by: {', '.join(lacking)}")
    taken = [*roles, *([target] if target in names else [])]
    decided = [Role(name, roles.get(name, "target")) for name in taken]
    table = to_types(raw[taken], described, decided)
    unread = {name: int(not_read(raw[name], table[name]).sum()) for name in taken}
    unknown = [name for name in names if name not in taken]
    return NewRows(table, unknown, {name: count for name, count in unread.items() if count})
