"""Questions about a table that only a person can answer, and that are still open."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..params import Split
from ..split.doubts import ORDER, PERSON, TIME, Doubt, doubts
from ..table.roles import LEAK
from .decisions import FEW, Decisions, rare_classes
from .questions import Question
from .wishes import KEEP, LEAVE_OUT, Wishes


def questions(decisions: Decisions, wishes: Wishes) -> list[Question]:
    """List the questions that only a person can answer, and that the wishes do not answer."""
    asked = [*_unlabelled(decisions, wishes), *_rare(decisions, wishes), *_leaks(decisions, wishes)]
    asked += _dates(decisions, wishes)
    if wishes.groups or wishes.time:
        return asked
    found = _doubts(decisions)
    people = [doubt.column for doubt in found if doubt.kind == PERSON]
    times = [doubt.column for doubt in found if doubt.kind == TIME]
    if people and wishes.groups is None:
        repeat = "repeat: do they name" if people[1:] else "repeats: does it name"
        text = f"{_listed(people)} {repeat} persons, machines or the like that come again?"
        asked.append(Question("groups", text, "--group", (*people, "none"), "none"))
    if times and wishes.time is None:
        text = f"the rows are in the order of {_listed(times)}: should the model predict what comes later?"
        asked.append(Question("time", text, "--time", (*times, "none"), "none"))
    return asked


def all_questions(
    decisions: Decisions, wishes: Wishes, decide: Callable[[Wishes], Decisions]
) -> list[Question]:
    """List all questions, with those that an answer about dates would raise, so that one call can answer all.

    Args:
        decisions: the decisions about the table.
        wishes: the wishes by which they were made.
        decide: a callable that makes the decisions by other wishes.
    """
    asked = {question.key: question for question in questions(decisions, wishes)}
    dates = [one for one in asked.values() if one.key.startswith("date:")]
    for number in range(max((len(one.answers) for one in dates), default=0)):
        then = wishes
        for question in dates:
            then = answered(then, question, question.answers[min(number, len(question.answers) - 1)])
        for question in questions(decide(then), then):
            if question.key not in asked or len(question.answers) > len(asked[question.key].answers):
                asked[question.key] = question
    return [*asked.values()]


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


def not_by(decisions: Decisions, wishes: Wishes) -> list[str]:
    """List the columns that look like persons or time, but are neither according to the user."""
    if wishes.groups or wishes.time:
        return []
    said = ((wishes.groups, (PERSON,)), (wishes.time, (TIME, ORDER)))
    kinds = {kind for answer, of in said if answer is not None for kind in of}
    return [doubt.column for doubt in _doubts(decisions) if doubt.kind in kinds] if kinds else []


def _doubts(decisions: Decisions) -> list[Doubt]:
    return doubts(decisions.table, Split(test_fraction=0.2, seed=0), [], decisions.source.data.target)


def _unlabelled(decisions: Decisions, wishes: Wishes) -> list[Question]:
    rows = len(decisions.table)
    lacking = decisions.missing(decisions.source.data.target)
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
    text = f"classes with fewer than {FEW} rows, about which a model learns hardly anything: {named}{more}"
    return [Question("rare", text, "--rare", (KEEP, LEAVE_OUT), KEEP)]


def _leaks(decisions: Decisions, wishes: Wishes) -> list[Question]:
    names = [role.name for role in decisions.roles if role.doubt == LEAK and role.name not in wishes.keep]
    text = "{!r} nearly equals the target: is it known only after that? Then drop it"
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
