"""Predicting rows that come as JSON records in the same way as `predict` predicts the rows of a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import UserError, first_line
from ..table.cells import as_word
from .checking import Checked, Mistake, check
from .expected import Expected

if TYPE_CHECKING:
    import pandas as pd

Record = Mapping[str, Any]
WORDS = ("categorical", "text")
NO_CELL = "is no single value"  # a list or an object
SHOWN = 40  # characters of what is not a record


@dataclass(frozen=True)
class Scored:
    """The result for n records; a record is named by its place, from 0.

    Attributes:
        predictions: m rows, whose index is their places: `predicted` and, for a classifier,
            `probability_CLASS` for each class.
        rejected: why the others cannot be predicted, by place.
        unseen: how many cells held a category that no training row had, by column.
    """

    predictions: "pd.DataFrame"
    rejected: dict[int, str]
    unseen: dict[str, int]


def score(
    records: Sequence[Record],
    expected: Expected,
    predict: "Callable[[pd.DataFrame], pd.DataFrame]",
    allow_missing: bool = False,
) -> Scored:
    """Predict n records.

    A text in a record is read like a cell of CSV: numbers as people write them, dates by their formats. A
    number stays one. What is null, or has no key, is missing. Further keys are ignored.

    Args:
        records: n JSON objects as Python dictionaries.
        expected: what the model takes.
        predict: returns a table of m predictions for m rows.
        allow_missing: see `checking.check`.

    Raises:
        UserError: one is not an object, none has a column that the model takes, or the model fails.
    """
    import pandas as pd

    raw, rows = checked(records, expected, allow_missing)
    right, reasons = rows.right, rows.reasons(raw)
    predictions = pd.DataFrame({"predicted": []})
    if right.any():
        try:
            predictions = predict(rows.table[right].reset_index(drop=True))
        except ValueError as error:
            raise UserError(f"records: the model fails: {first_line(error)}") from error
        predictions.index = pd.Index(np.flatnonzero(right))
    rejected = dict(zip(np.flatnonzero(~right).tolist(), reasons.tolist(), strict=True))
    return Scored(predictions, rejected, rows.unseen)


def checked(
    records: Sequence[Record], expected: Expected, allow_missing: bool = False
) -> "tuple[pd.DataFrame, Checked]":
    """Give n records the types of the columns that a model takes, and check them.

    Returns:
        The cells as they were given, and the rows with what is wrong in them; see `checking.check`.

    Raises:
        UserError: one is not an object, or none has a column that the model takes.
    """
    raw = frame(records, expected)
    rows = check(raw, expected, allow_missing)
    return raw, replace(rows, mistakes=[*rows.mistakes, *_nested(records, expected)])


def frame(records: Sequence[Record], expected: Expected) -> "pd.DataFrame":
    """Make a table from n records: the columns that the model takes, each cell as it would be in a file.

    Raises:
        UserError: one is not an object, or none has a column that the model takes.
    """
    import pandas as pd

    for place, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise UserError(f"records: record {place} is not an object, but {str(record)[:SHOWN]!r}")
    expected.check_columns(list(dict.fromkeys(name for record in records for name in record)), "records")
    columns = {}
    for name, role in expected.roles.items():
        missing = Missing.of(expected, name)
        cells = [_cell(record.get(name), role, missing, expected.data.format.decimal) for record in records]
        columns[name] = pd.Series(cells, dtype="str" if role in WORDS else "object")
    return pd.DataFrame(columns, index=range(len(records)))


@dataclass(frozen=True)
class Missing:
    """What stands for a missing value in a column, besides null.

    Attributes:
        words: the words as they are written, including the empty text.
        numbers: the words that are numbers, which a number in a record may equal.
    """

    words: frozenset[str]
    numbers: frozenset[float]

    @classmethod
    def of(cls, expected: Expected, name: str) -> "Missing":
        """Return what stands for a missing value in a column."""
        words = {*expected.data.missing, *expected.data.missing_in.get(name, [])}
        numbers = {number for word in words if (number := _number(word)) is not None}
        return cls(frozenset({"", *words}), frozenset(numbers))

    def has(self, value: Any) -> bool:
        """Tell whether a value stands for a missing one."""
        if isinstance(value, str):
            return value in self.words
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value is None or (is_number and (value != value or value in self.numbers))


def _cell(value: Any, role: str, missing: Missing, decimal: str) -> Any:
    """Return what a cell of a file would hold: a number in a column of numbers, otherwise text."""
    if missing.has(value) or (role == "numeric" and _is_gap(value, missing, decimal)):
        return None
    if role == "numeric" and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return value if isinstance(value, str) else as_word(value)


def _is_gap(value: Any, missing: Missing, decimal: str) -> bool:
    """Tell whether a text is another way to write a number for a missing value: -999.0 where -999 is one."""
    if not isinstance(value, str) or (decimal == "," and "." in value):
        return False
    return _number(value.replace(decimal, ".")) in missing.numbers


def _number(value: str | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
    except OverflowError:  # a whole number of more than 308 digits
        return float("inf")


def _nested(records: Sequence[Record], expected: Expected) -> list[Mistake]:
    """Find lists and objects where words should be; in other columns they are not numbers or dates anyway."""
    mistakes = []
    for name, role in expected.roles.items():
        if role in WORDS:
            wrong = np.array([isinstance(record.get(name), list | dict) for record in records], dtype=bool)
            mistakes += [Mistake(name, wrong, NO_CELL)] if wrong.any() else []
    return mistakes
