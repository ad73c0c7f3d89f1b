"""What the columns of a table are, and what has to be declared so that they are read accordingly."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..params import Columns, Data, Format
from ..table.cells import as_written
from ..table.numbers import not_read, read_numbers
from ..table.remedy import Remedy, written
from ..table.roles import Role, decide
from ..table.target import unsuited
from ..table.types import to_types
from .reading import Source, read_again
from .wishes import LEAVE_OUT, Wishes

if TYPE_CHECKING:
    import pandas as pd

ROUNDS = 6  # the most rounds of declaring how cells are written
DECLARED = ("format", "units", "date_formats", "missing")
FEW = 10  # rows; a model learns hardly anything about a smaller class


@dataclass(frozen=True)
class Decisions:
    """What was decided about a table.

    Attributes:
        source: the table as it is read, with everything that was declared.
        roles: the roles of its columns.
        table: the table with its columns' types.
        declared: what was declared so that a column is read in this way, by column.
        left_out: the rare classes whose rows are left out, and how many rows each has.
    """

    source: Source
    roles: list[Role]
    table: "pd.DataFrame"
    declared: dict[str, str]
    left_out: dict[str, int] = field(default_factory=dict)

    def missing(self, name: str) -> int:
        """Count the missing cells of a column; for the target, without the rows of classes left out."""
        left_out = sum(self.left_out.values()) if name == self.source.data.target else 0
        return int(self.table[name].isna().sum()) - left_out


def decide_all(source: Source, wishes: Wishes) -> Decisions:
    """Decide what each column is, and declare what its reading requires.

    Raises:
        UserError: the target does not suit the task, or all of its classes are left out.
    """
    declared: dict[str, str] = {}
    for _ in range(ROUNDS):
        roles = decide(source.raw, source.data)
        changed = _declared(source, roles, wishes, declared)
        if changed is None:
            break
        source = changed
    gone = source.data.missing_in.get(wishes.target, [])
    rare = {name: count for name, count in rare_classes(source).items() if name not in gone}
    if wishes.rare == LEAVE_OUT and rare:
        missing_in = {**source.data.missing_in, wishes.target: [*gone, *rare]}
        decided = decide_all(read_again(source, missing_in=missing_in), wishes)
        if not decided.table[wishes.target].notna().any():
            few = f"each has fewer than {FEW} rows; get more, or give --rare keep"
            raise UserError(f"--rare leave-out: no class of {wishes.target!r} is left: {few}")
        words = f"left out: {', '.join(f'{name!r} ({count} rows)' for name, count in rare.items())}"
        return replace(decided, declared={**decided.declared, wishes.target: words}, left_out=rare)
    roles = [_settled(role, wishes) for role in roles]
    lists = {role: [one.name for one in roles if one.role == role] for role in Columns.model_fields}
    lists["drop"] += [name for name in source.data.columns.drop if name not in source.raw.columns]
    columns = Columns(**lists)
    source = replace(source, data=source.data.model_copy(update={"columns": columns}))
    table = to_types(source.raw, source.data, roles)
    if table[wishes.target].isna().all() and not gone:
        raise UserError(f"--target: {wishes.target!r} holds no value in all {len(table)} rows")
    if said := unsuited(source.raw, table, source.data):
        raise UserError(f"--target: {said}")
    return Decisions(source, roles, table, declared)


def _settled(role: Role, wishes: Wishes) -> Role:
    """Give a column the role that the user wants."""
    if role.name in wishes.drop:
        return replace(role, role="drop", reason=role.reason or "as you say", doubt="")
    if role.name in (wishes.groups or ()):
        return replace(role, role="group", reason="rows with the same value stay together", doubt="")
    return replace(role, doubt="") if role.name in wishes.keep else role


def _declared(source: Source, roles: list[Role], wishes: Wishes, declared: dict[str, str]) -> Source | None:
    """Declare the remedies for columns in doubt; return None if that changes nothing."""
    data = source.data
    for role in roles:
        if role.remedy and role.role != "target" and role.name not in (*wishes.drop, *wishes.keep):
            if _is_at_odds(role.remedy, source, data, roles):
                continue
            changed, told = _with(data, role.remedy)
            if told:
                declared[role.name] = "; ".join(filter(None, [declared.get(role.name), *told]))
            data = changed
    if data == source.data:
        return None
    return read_again(source, **{key: getattr(data, key) for key in DECLARED})


def _is_at_odds(remedy: Remedy, source: Source, data: Data, roles: list[Role]) -> bool:
    """Tell whether a remedy contradicts the way in which other columns write their numbers.

    A table writes all its numbers in one way. Numbers that can be read are not given up for a column in
    doubt, which stays in doubt.

    Args:
        remedy: the remedy for a column.
        source: the table as it is read.
        data: the block `data`, with what has been declared since.
        roles: the roles of the table's columns.
    """
    if not remedy.format:
        return False
    form, now = _form(remedy, data)[1], source.data.format
    if form["decimal"] == form["thousands"] or (data.format != now and data.format.model_dump() != form):
        return True
    numbers = [role.name for role in roles if role.role in ("numeric", "weight", "target")]
    then = read_again(source, format=Format(**form))
    return any(_unread(then, name) > _unread(source, name) for name in numbers)


def _unread(source: Source, name: str) -> int:
    """Count the cells of a column that hold something other than a number."""
    cells, form, unit = source.raw[name], source.data.format, source.data.units.get(name)
    return int(not_read(cells, read_numbers(cells, form.decimal, form.thousands, unit)).sum())


def _form(remedy: Remedy, data: Data) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the part of the format that a remedy declares, and the whole format with it."""
    # where a semicolon separates the columns, a comma in a number is more likely a decimal comma
    meant = dict(remedy.format[-1 if data.format.separator == ";" else 0])
    return meant, data.format.model_dump() | meant


def _with(data: Data, remedy: Remedy) -> tuple[Data, list[str]]:
    """Declare what a remedy for a column says, except ambiguous dates; return what was declared, too."""
    keys: dict[str, Any] = {}
    told = []
    if words := [word for word in remedy.missing if word not in data.missing]:
        keys["missing"] = [*data.missing, *words]
        told.append(f"{' and '.join(map(repr, words))} stands for a missing value")
    if remedy.format:
        meant, form = _form(remedy, data)
        keys["format"] = Format(**form)
        told.append(f"data.format: {written(meant)}")
    if remedy.units:
        keys["units"] = {**data.units, **remedy.units}
        told.append(f"data.units: {written(remedy.units)}")
    if sure := {name: formats[0] for name, formats in remedy.date_formats.items() if len(formats) == 1}:
        keys["date_formats"] = {**data.date_formats, **sure}
        told.append(f"data.date_formats: {written(sure)}")
    return data.model_copy(update=keys), told


def rare_classes(source: Source) -> dict[str, int]:
    """Return the classes that have too few rows, and how many rows each has."""
    if source.data.task == "regression":
        return {}
    counts = as_written(source.raw[[source.data.target]])[source.data.target].value_counts()
    return {str(name): int(count) for name, count in counts.items() if count < FEW}
