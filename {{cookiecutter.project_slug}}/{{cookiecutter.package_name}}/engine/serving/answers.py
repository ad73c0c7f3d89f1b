"""Turning rows into an answer, or a list of their mistakes; nothing here depends on HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import UserError, first_line
from ..base.yaml import nearest
from ..judging.prediction import PROBABILITY
from ..scoring.checking import Checked
from ..scoring.records import checked
from .bodies import Records, RefusedError
from .plain import NotPlainError

if TYPE_CHECKING:
    import pandas as pd

    from .quick import Predicted, Quick
    from .version import Version

MOST = 100  # mistakes that an answer lists
SHOWN = 60  # characters of a cell that a message shows


@dataclass(frozen=True)
class Answer:
    """What a version predicts for n rows.

    Attributes:
        predictions: an object for each row: `prediction` and, for a classifier, `probabilities` by class.
        missing: how many cells were missing, by column.
        unseen: how many cells held a category that no training row had, by column.
        frames: returns two frames: n rows x the columns that the model takes, and what `Predictor.predict`
            returns for them.
        plain: the same before the frames are made, if the rows were plain.
    """

    predictions: list[dict[str, Any]]
    missing: dict[str, int]
    unseen: dict[str, int]
    frames: "Callable[[], tuple[pd.DataFrame, pd.DataFrame]]"
    plain: "Predicted | None" = None


def answer(version: "Version", records: Records, most: int, terse: bool, strict: bool = True) -> Answer:
    """Predict n rows, all of them or none.

    Args:
        version: the version that answers.
        records: the rows.
        most: the largest number of rows allowed.
        terse: whether messages leave out the names of columns.
        strict: whether a column that the model does not take is a mistake.

    Raises:
        RefusedError: there are no rows or too many (413), or some have mistakes (422).
    """
    if not records:
        raise RefusedError(422, "there are no rows")
    if len(records) > most:
        raise RefusedError(413, f"there are {len(records):,} rows; at most {most:,} are taken at once")
    if version.quick and (quickly := _quickly(version.quick, records, strict)):
        return quickly
    check_names(version, records, terse, strict)
    optional = [name for name in version.expected.roles if name not in version.expected.complete]
    complete = [{**dict.fromkeys(optional), **record} for record in records]
    try:
        raw, rows = checked(complete, version.expected)
        if rows.mistakes:
            raise RefusedError(422, *_lines(raw, rows, terse))
        predicted = version.predict(rows.table)
    except UserError as error:
        raise RefusedError(422, "the rows cannot be predicted" if terse else str(error)) from None
    except ValueError as error:  # raised by the model
        told = "" if terse else f": {first_line(error)}"
        raise RefusedError(422, f"the model fails{told}") from None
    check_finite(predicted)
    missing = rows.table.isna().sum()
    lacking = {str(name): int(n) for name, n in missing.items() if n}
    return Answer(_objects(predicted), lacking, rows.unseen, lambda: (rows.table, predicted))


def _quickly(quick: "Quick", records: Records, strict: bool) -> Answer | None:
    """Answer if all rows are plain and the model takes them; otherwise `answer` finds what is wrong."""
    try:
        rows = quick.read(records, strict)
        labels, probabilities = quick.predict(rows)
    except (NotPlainError, ValueError):
        return None
    objects = quick.objects(labels, probabilities)
    frames = lambda: (quick.frame(rows), quick.predicted(labels, probabilities))  # noqa: E731
    return Answer(objects, rows.missing, rows.unseen, frames, (rows, labels, probabilities))


def check_names(version: "Version", records: Records, terse: bool, strict: bool) -> None:
    """Check that each row has the columns that the model needs and, if `strict`, no others.

    Raises:
        RefusedError: a row lacks a column or has one too many; names the column, and the first such row.
    """
    expected = version.expected
    unknown: dict[str, int] = {}
    lacking: dict[str, int] = {}
    for place, record in enumerate(records):
        if strict and len(unknown) < MOST and (further := record.keys() - expected.roles.keys()):
            unknown |= {name: unknown.get(name, place) for name in record if name in further}
        if absent := expected.complete - record.keys():
            lacking |= {name: lacking.get(name, place) for name in expected.roles if name in absent}
    mistakes: list[dict[str, Any]] = [
        {"row": place, "column": name[:SHOWN], "message": f"the model takes no such column; {hint}"}
        for name, place in [*unknown.items()][:MOST]  # a hint takes a look at all columns
        for hint in ["see /openapi.json" if terse else nearest(name, [*expected.roles])]
    ]
    for name, place in lacking.items():
        named = {} if terse else {"column": name}
        mistakes.append({"row": place, **named, "message": "a column is missing that the model needs"})
    if mistakes:
        raise RefusedError(422, *sorted(mistakes, key=lambda mistake: mistake["row"])[:MOST])


def check_finite(predicted: "pd.DataFrame") -> None:
    """Check that JSON has the numbers that a model has predicted: a far too large one may become infinite.

    Raises:
        RefusedError: it has not; names the rows.
    """
    numbers = predicted.select_dtypes("number").to_numpy(dtype=float)
    rows = np.flatnonzero(~np.isfinite(numbers).all(axis=1))
    if len(rows):
        told = "the model predicts no finite number for this row"
        raise RefusedError(422, *({"row": row, "message": told} for row in rows[:MOST].tolist()))


def _lines(raw: "pd.DataFrame", rows: Checked, terse: bool) -> list[dict[str, Any]]:
    """Say what is wrong, a line for each cell, row by row."""
    wrong = [(int(place), mistake) for mistake in rows.mistakes for place in np.flatnonzero(mistake.rows)]
    lines = []
    for place, mistake in sorted(wrong, key=lambda pair: pair[0])[:MOST]:
        cell = raw[mistake.column].iloc[place]
        shown = "" if cell is None or cell != cell else f"{str(cell)[:SHOWN]!r} "
        told = {"row": place, "column": mistake.column, "message": f"{shown}{mistake.wrong}"}
        lines.append({"row": place, "message": "a cell is not what it should be"} if terse else told)
    return lines


def _objects(predicted: "pd.DataFrame") -> list[dict[str, Any]]:
    labels = predicted["predicted"].tolist()
    classes = [name for name in predicted.columns if name.startswith(PROBABILITY)]
    if not classes:
        return [{"prediction": label} for label in labels]
    names = [name.removeprefix(PROBABILITY) for name in classes]
    return [
        {"prediction": label, "probabilities": dict(zip(names, row, strict=True))}
        for label, row in zip(labels, predicted[classes].to_numpy().tolist(), strict=True)
    ]
