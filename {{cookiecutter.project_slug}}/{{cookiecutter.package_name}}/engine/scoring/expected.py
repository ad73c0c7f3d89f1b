"""What rows have to be like, according to the model's description of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.errors import UserError
from ..base.text import repeated
from ..base.yaml import nearest
from ..params import Columns, Data
from ..table.roles import Role
from ..table.spelling import spellings

# no column is read as target or weight, which a row need not have: no column has an empty name
NO_OTHER_ROLE: dict[str, Any] = {"target": "", "weight": None}


@dataclass(frozen=True)
class Expected:
    """The columns that a model takes, and how their cells are written.

    Attributes:
        roles: numeric, categorical, date or text, by column.
        complete: the columns that no training row lacked.
        categories: all categories of a column; a column with more than are kept is left out.
        spellings: the spellings of the numbers among a column's categories; see `table.spelling`.
        data: how cells and files are written.
    """

    roles: dict[str, str]
    complete: frozenset[str]
    categories: dict[str, frozenset[str]]
    spellings: dict[str, dict[str, str]]
    data: Data

    @classmethod
    def of(cls, known: Mapping[str, Any], data: Data) -> "Expected":
        """Read what a model knows.

        Args:
            known: what it knows, as `tracking.columns.Known.to_dict` returns it.
            data: the block of params.yaml, for the layout of files, and for how cells are written if the
                model does not say so, such as an older one.
        """
        import pandas as pd

        inputs = known["inputs"]
        categorical = [column for column in inputs if column["role"] == "categorical"]
        categories = {
            column["name"]: frozenset(column["categories"])
            for column in categorical
            if not column.get("more_categories")
        }
        spelled = {
            column["name"]: spellings(pd.Series(column["categories"], dtype="str")) for column in categorical
        }
        complete = frozenset(column["name"] for column in inputs if not column["missing"])
        roles = {column["name"]: column["role"] for column in inputs}
        return cls(roles, complete, categories, spelled, _written(known, data))

    @classmethod
    def by_role(cls, roles: dict[str, str], data: Data) -> "Expected":
        """Expect columns of which only the role is known, written as `data` says."""
        return cls(roles, frozenset(), {}, {}, data.model_copy(update=NO_OTHER_ROLE))

    def without(self, name: str) -> "Expected":
        """Expect the same columns except one."""
        return replace(self, roles={key: role for key, role in self.roles.items() if key != name})

    def reading(self, path: Path, others: list[str]) -> Data:
        """Return how a file of such rows is read.

        Args:
            path: the file's path.
            others: its other columns.
        """
        lists: dict[str, list[str]] = {role: [] for role in Columns.model_fields} | {"drop": others}
        for name, role in self.roles.items():
            lists[role] = [*lists[role], name]
        return self.data.model_copy(update={"path": path, "columns": Columns(**lists)})

    def check_columns(self, names: list[str], where: object) -> None:
        """Check that the columns that the model takes exist.

        Raises:
            UserError: one is missing, or two have the same name.
        """
        if twice := sorted(repeated(names)):
            raise UserError(f"{where}: more than one column is called {', '.join(map(repr, twice))}")
        there = set(names)
        if not (lacking := [name for name in self.roles if name not in there]):
            return
        others = [name for name in names if name not in self.roles]
        if len(lacking) > 1:
            raise UserError(
                f"{where}: lacks columns that the model takes: {', '.join(lacking)}; "
                f"it has {', '.join(names[:30])}"
            )
        raise UserError(
            f"{where}: lacks the column {lacking[0]!r}, which the model takes; {nearest(lacking[0], others)}"
        )

    def roles_of(self) -> list[Role]:
        """Return the roles as `table.types.to_types` takes them."""
        return [Role(name, role) for name, role in self.roles.items()]


def _written(known: Mapping[str, Any], data: Data) -> Data:
    """Return how cells are written, from what a model knows or else from params.yaml."""
    cells: dict[str, Any] = known.get("cells") or {
        "missing": data.missing,
        "missing_in": data.missing_in,
        "date_formats": data.date_formats,
        "decimal": data.format.decimal,
        "thousands": data.format.thousands,
    }
    numbers = {key: cells[key] for key in ("decimal", "thousands")}
    return data.model_copy(
        update={
            "missing": cells["missing"],
            "missing_in": cells["missing_in"],
            "date_formats": cells["date_formats"],
            "format": data.format.model_copy(update=numbers),
            "units": {column["name"]: column["unit"] for column in known["inputs"] if column.get("unit")},
            **NO_OTHER_ROLE,
        }
    )
