"""The role of each column: as params.yaml lists it, or else by what its cells are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..params import Columns, Data

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Role:
    """The role of a column, and why it has it.

    Attributes:
        role: a list of `data.columns` (numeric, categorical, date, text, id, drop), target or weight.
        reason: in a person's words; empty if params.yaml says so.
        doubt: why it may be another one, and the remedy; empty if there is no doubt.
    """

    name: str
    role: str
    reason: str = ""
    doubt: str = ""


def decide(raw: "pd.DataFrame", data: Data) -> list[Role]:
    """Give every column a role, in the table's order.

    Args:
        raw: from `reading.read_raw`.
        data: lists the roles of some columns.
    """
    return [declared_role(str(name), data) or _inferred(raw[name]) for name in raw.columns]


def declared_role(name: str, data: Data) -> Role | None:
    """Return the role that params.yaml gives a column; None if it gives none."""
    if name in (data.target, data.weight):
        return Role(name, "target" if name == data.target else "weight")
    listed = (role for role in Columns.model_fields if name in getattr(data.columns, role))
    return next((Role(name, role) for role in listed), None)


def infer_roles(frame: "pd.DataFrame", data: Data) -> Columns:
    """Return the roles of the validated table's columns, which the type of an undeclared one tells."""
    free = [str(name) for name in frame.columns if declared_role(str(name), data) is None]
    numeric = [name for name in free if frame[name].dtype == "float64"]
    return data.columns.model_copy(
        update={
            "numeric": [*data.columns.numeric, *numeric],
            "categorical": [*data.columns.categorical, *(n for n in free if n not in numeric)],
        }
    )


def _inferred(column: "pd.Series") -> Role:
    from pandas.api import types

    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return Role(str(column.name), "numeric", f"all {column.count()} cells are numbers")
    return Role(str(column.name), "categorical", "not all of its cells are numbers")
