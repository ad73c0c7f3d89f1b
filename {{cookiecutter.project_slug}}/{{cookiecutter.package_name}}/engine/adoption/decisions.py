"""What the columns of a table are, and what only a person knows of it."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..params import Columns, Split
from ..split.doubts import doubts
from ..table.cells import as_written
from ..table.roles import LEAK, Role, decide
from ..table.target import check_target, count_without
from ..table.types import to_types
from . import remedies
from .questions import Question
from .source import Source, with_format
from .wishes import KEEP, LEAVE_OUT, Wishes

if TYPE_CHECKING:
    import pandas as pd

ROUNDS = 6  # of declaring how cells are written
FEW = 10  # rows of a class of which hardly anything is learned
GROUPS = re.compile(r"split\.groups: \[(.+)\]")
TIME = re.compile(r"split\.time: (.+?)(?:; if it tells|$)")


@dataclass(frozen=True)
class Decisions:
    """What a table is taken for.

    Attributes:
        source: as it is read, with all that was declared.
        roles: of its columns.
        table: typed.
        declared: by column, what was declared for it to be read so.
    """

    source: Source
    roles: list[Role]
    table: "pd.DataFrame"
    declared: dict[str, str]


def decide_all(source: Source, wishes: Wishes) -> Decisions:
    """Decide what each column is, and declare what has to be declared for that.

    Raises:
        UserError: the target is none of the task.
    """
    declared: dict[str, str] = {}
    for _ in range(ROUNDS):
        roles = decide(source.raw, source.data)
        changed = _declared(source, roles, wishes, declared)
        if changed is None:
            break
        source = changed
    rare = [] if source.data.missing_in else rare_classes(source)
    if wishes.rare == LEAVE_OUT and rare:
        return decide_all(with_format(source, missing_in={wishes.target: [*rare]}), wishes)
    roles = [_settled(role, wishes) for role in roles]
    lists = {role: [one.name for one in roles if one.role == role] for role in Columns.model_fields}
    lists["drop"] += [name for name in source.data.columns.drop if name not in source.raw.columns]
    columns = Columns(**lists)
    source = replace(source, data=source.data.model_copy(update={"columns": columns}))
    table = to_types(source.raw, source.data, roles)
    check_target(source.raw, table, source.data)
    return Decisions(source, roles, table, declared)


def _settled(role: Role, wishes: Wishes) -> Role:
    """Give a column the role that the user wants."""
    if role.name in wishes.drop:
        return replace(role, role="drop", reason=role.reason or "as you say", doubt="")
    if role.name in (wishes.groups or ()):
        return replace(role, role="group", reason="rows of one value stay together", doubt="")
    return replace(role, doubt="") if role.name in wishes.keep else role


def _declared(source: Source, roles: list[Role], wishes: Wishes, declared: dict[str, str]) -> Source | None:
    """Declare what the doubts of columns say; None if that changes nothing."""
    data = source.data
    form, units = data.format.model_dump(), dict(data.units)
    formats, missing = dict(data.date_formats), list(data.missing)
    for role in roles:
        if role.name in (*wishes.drop, *wishes.keep) or role.role == "target":
            continue
        if words := [word for word in remedies.words(role.doubt) if word not in missing]:
            missing += words
            declared[role.name] = f"{' and '.join(map(repr, words))} stands for a missing value"
        found = remedies.declared(role.doubt)
        if found is None:
            continue
        key, values, others = found
        if key == "format":
            meant = others if isinstance(others, dict) and data.format.separator == ";" else {}
            form |= meant or values
        elif key == "units":
            units |= values
        elif not others:
            formats |= values
        declared.setdefault(role.name, f"data.{key}: {values}")
    new = {"units": units, "date_formats": formats, "missing": missing}
    if all(getattr(data, key) == value for key, value in new.items()) and form == data.format.model_dump():
        return None
    return with_format(source, **new, format=type(data.format)(**form))


def questions(decisions: Decisions, wishes: Wishes) -> list[Question]:
    """List what only a person knows, and has not said."""
    asked = [*_unlabelled(decisions, wishes), *_rare(decisions, wishes), *_leaks(decisions, wishes)]
    asked += _dates(decisions, wishes)
    if wishes.groups or wishes.time:
        return asked
    lines = doubts(decisions.table, Split(test_fraction=0.2, seed=0), [], wishes.target)
    people = [match[1] for line in lines if (match := GROUPS.search(line)) and "in order" not in line]
    times = [match[1] for line in lines if (match := TIME.search(line))]
    if people and wishes.groups is None:
        text = f"{_listed(people)} repeats: does it name persons, machines or the like, met again?"
        asked.append(Question("groups", text, "--group", (*people, "none"), "none"))
    if times and wishes.time is None:
        text = f"the rows are in the order of {_listed(times)}: is a model to predict what comes later?"
        asked.append(Question("time", text, "--time", (*times, "none"), "none"))
    return asked


def answered(wishes: Wishes, question: Question, answer: str) -> Wishes:
    """Return the wishes with the answer to a question."""
    if question.key == "groups":
        return replace(wishes, groups=() if answer == "none" else (answer,))
    if question.key == "time":
        return replace(wishes, time="" if answer == "none" else answer)
    if question.key.startswith("leak:"):
        name = question.key.removeprefix("leak:")
        if answer == "drop":
            return replace(wishes, drop=(*wishes.drop, name))
        return replace(wishes, keep=(*wishes.keep, name))
    if question.key.startswith("date:"):
        formats = {**wishes.date_formats, question.key.removeprefix("date:"): answer}
        return replace(wishes, date_formats=formats)
    values: dict[str, Any] = {question.key: answer}
    return replace(wishes, **values)


def rare_classes(source: Source) -> dict[str, int]:
    """Return the classes that have too few rows, and how many each has."""
    if source.data.task == "regression":
        return {}
    counts = as_written(source.raw[[source.data.target]])[source.data.target].value_counts()
    return {str(name): int(count) for name, count in counts.items() if count < FEW}


def _unlabelled(decisions: Decisions, wishes: Wishes) -> list[Question]:
    lacking, rows = count_without(decisions.table, decisions.source.data), len(decisions.table)
    if wishes.unlabelled or lacking <= decisions.source.data.max_without_target * rows:
        return []
    text = f"{lacking} of {rows} rows have no {wishes.target!r}: leave them out?"
    return [Question("unlabelled", text, "--unlabelled", (LEAVE_OUT,), LEAVE_OUT)]


def _rare(decisions: Decisions, wishes: Wishes) -> list[Question]:
    rare = rare_classes(decisions.source)
    if not rare or wishes.rare:
        return []
    named = ", ".join(f"{name!r} ({count})" for name, count in [*rare.items()][:5])
    more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
    text = f"classes with under {FEW} rows, of which hardly anything is learned: {named}{more}"
    return [Question("rare", text, "--rare", (KEEP, LEAVE_OUT), KEEP)]


def _leaks(decisions: Decisions, wishes: Wishes) -> list[Question]:
    names = [role.name for role in decisions.roles if role.doubt == LEAK and role.name not in wishes.keep]
    text = "{!r} all but equals the target: is it known only after that? Then drop it"
    return [
        Question(
            f"leak:{name}", text.format(name), f"--drop {name} or --keep {name}", ("drop", "keep"), "drop"
        )
        for name in names
    ]


def _dates(decisions: Decisions, wishes: Wishes) -> list[Question]:
    asked = []
    for role in decisions.roles:
        found = remedies.declared(role.doubt)
        if found and found[0] == "date_formats" and isinstance(found[2], list) and found[2]:
            formats = (*found[1].values(), *found[2])
            text = f"{role.name!r} holds dates that can be read in {len(formats)} ways"
            asked.append(
                Question(f"date:{role.name}", text, f"--date-format {role.name}=", formats, formats[0])
            )
    return [question for question in asked if question.key[5:] not in (*wishes.drop, *wishes.keep)]


def _listed(names: list[str]) -> str:
    return " and ".join(map(repr, names))
