"""What only a person knows of a table, and has not said."""

from dataclasses import replace
from typing import Any

from ..params import Split
from ..split.doubts import PERSON, TIME, doubts
from ..table.roles import LEAK
from ..table.target import count_without
from .decisions import FEW, Decisions, rare_classes
from .questions import Question
from .wishes import KEEP, LEAVE_OUT, Wishes


def questions(decisions: Decisions, wishes: Wishes) -> list[Question]:
    """List what only a person knows, and has not said."""
    asked = [*_unlabelled(decisions, wishes), *_rare(decisions, wishes), *_leaks(decisions, wishes)]
    asked += _dates(decisions, wishes)
    if wishes.groups or wishes.time:
        return asked
    found = doubts(decisions.table, Split(test_fraction=0.2, seed=0), [], wishes.target)
    people = [doubt.column for doubt in found if doubt.kind == PERSON]
    times = [doubt.column for doubt in found if doubt.kind == TIME]
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
        formats = role.remedy.date_formats.get(role.name, ()) if role.remedy else ()
        if len(formats) > 1 and role.name not in (*wishes.drop, *wishes.keep):
            text = f"{role.name!r} holds dates that can be read in {len(formats)} ways"
            asked.append(
                Question(f"date:{role.name}", text, f"--date-format {role.name}=", formats, formats[0])
            )
    return asked


def _listed(names: list[str]) -> str:
    return " and ".join(map(repr, names))
