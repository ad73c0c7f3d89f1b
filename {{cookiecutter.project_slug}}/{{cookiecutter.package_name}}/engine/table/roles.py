"""The role of each column: as params.yaml lists it, or else inferred from its cells."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.paths import VALIDATION
from ..params import Columns, Data, Split
from .remedy import Remedy

if TYPE_CHECKING:
    import pandas as pd

ROLES = "roles"  # the attribute of a table that has the roles
LEAK = "nearly equals the target: if it is known only after that, put it into data.columns.drop"


@dataclass(frozen=True)
class Role:
    """The role of a column, and why it has it.

    Attributes:
        role: a list of `data.columns` (numeric, categorical, date, text, id, drop), target or weight.
        reason: the reason in plain words; empty if params.yaml gives the role.
        doubt: why it may have another role, and the remedy; empty if there is no doubt.
        remedy: the remedy as values; None if a person has to decide that.
    """

    name: str
    role: str
    reason: str = ""
    doubt: str = ""
    remedy: Remedy | None = None


def decide(raw: "pd.DataFrame", data: Data) -> list[Role]:
    """Give every column a role, in the table's order.

    Args:
        raw: the table from `reading.read_raw`.
        data: the block, which lists the roles of some columns.
    """
    from .doubted import doubted
    from .target import doubt_of_cells

    roles = [declared_role(str(name), data) or _inferred(raw[name], data) for name in raw.columns]
    of_target = doubt_of_cells(raw[data.target], data)
    return [doubted(role, raw, of_target, data, numbered=True) for role in roles]


def as_split(roles: list[Role], split: Split) -> list[Role]:
    """Return the roles; those of columns that only divide the rows, and are not features, say so."""
    named = {**dict.fromkeys(split.groups, "groups"), **({split.time: "time"} if split.time else {})}
    return [
        Role(role.name, named[role.name], f"split.{named[role.name]} names it")
        if role.reason and role.name in named
        else role
        for role in roles
    ]


def declared_role(name: str, data: Data) -> Role | None:
    """Return the role that params.yaml gives a column; None if it gives none."""
    if name in (data.target, data.weight):
        return Role(name, "target" if name == data.target else "weight")
    for role in Columns.model_fields:
        if name in getattr(data.columns, role):
            return Role(name, role)
    return Role(name, "date") if name in data.date_formats else None


def keep(frame: "pd.DataFrame", roles: list[Role]) -> None:
    """Keep the roles of its columns with a table, as a text: pandas copies what is kept there very often."""
    frame.attrs[ROLES] = json.dumps([(role.name, role.role, role.reason, role.doubt) for role in roles])


def kept(frame: "pd.DataFrame") -> list[Role]:
    """Return the roles that are kept with a table; an empty list if there are none."""
    return [Role(*values) for values in json.loads(frame.attrs.get(ROLES, "[]"))]


def infer_roles(frame: "pd.DataFrame", data: Data) -> Columns:
    """Return the role of each column of the validated table: as listed, or else as the validation decided it.

    It is not decided again, since some of the rows, or their types, may look like something else.
    """
    decided = {role.name: role.role for role in kept(frame)}
    lists = {role: [*getattr(data.columns, role)] for role in Columns.model_fields}
    for name in map(str, frame.columns):
        declared = declared_role(name, data)
        role = declared.role if declared else decided.get(name) or _of_type(frame[name])
        if role in lists and name not in lists[role]:
            lists[role].append(name)
    return data.columns.model_copy(update=lists)


def counts(roles: list[Role]) -> dict[str, Any]:
    """Return what was inferred, and what is in doubt, for programs."""
    shown = [role for role in roles if role.reason or role.doubt]
    return {
        "inferred": sum(bool(role.reason) for role in roles),
        "doubts": sum(bool(role.doubt) for role in roles),
        "roles": {
            role.name: {"role": role.role, "reason": role.reason, "doubt": role.doubt} for role in shown
        },
    }


def lines(roles: list[Role]) -> dict[str, str]:
    """Return the same for a summary: how many roles were inferred, and each doubt with its columns."""
    inferred = sum(bool(role.reason) for role in roles)
    doubts = [f"{', '.join(names)} ({role}): {doubt}" for role, doubt, names in alike(roles)]
    count = {"roles": f"{inferred} of {len(roles)} are inferred; see {VALIDATION}"} if inferred else {}
    return {**count, **{f"doubt {number}": doubt for number, doubt in enumerate(doubts, 1)}}


def alike(roles: Iterable[Role]) -> list[tuple[str, str, list[str]]]:
    """List each doubt once: the role, the doubt, and the names of the columns that have both."""
    names: dict[tuple[str, str], list[str]] = {}
    for role in roles:
        if role.doubt:
            names.setdefault((role.role, role.doubt), []).append(role.name)
    return [(*both, of) for both, of in names.items()]


def unlisted(columns: Columns, data: Data) -> str:
    """Name the columns that are in no list of params.yaml, each with its role."""
    names = [(name, role) for role in Columns.model_fields for name in getattr(columns, role)]
    return ", ".join(f"{name} ({role})" for name, role in names if declared_role(name, data) is None)


def _of_type(column: "pd.Series[Any]") -> str:
    return {"f": "numeric", "M": "date"}.get(column.dtype.kind, "categorical")


def _inferred(column: "pd.Series[Any]", data: Data) -> Role:
    from .inference import infer

    name = str(column.name)
    inferred = infer(column, data.format.decimal, data.format.thousands, data.units.get(name))
    return Role(name, inferred.role, inferred.reason, inferred.doubt, inferred.remedy)
