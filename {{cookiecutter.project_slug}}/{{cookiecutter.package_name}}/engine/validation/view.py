"""Columns as an expectation sees them: with the type that a person would give them.

A category is text for the model, and so in the table. An expectation says itself what it
is about: the 0 in `value_set: [0, 1]` is a cell `0`, or `0.0` if that is how zeros are written; a range is of
numbers, or of dates. One on texts (their length, a pattern) sees text.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from ..table.cells import same_value
from ..table.dates import read_dates
from ..table.numbers import not_read, read_numbers
from ..table.reading import FIRST_ROW

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

COLUMNS = ("column", "column_A", "column_B", "column_list")  # an expectation's arguments that name them
NAMED = 5  # rows that are not numbers
COMPARING = {  # that need an order, or compute with the values
    "ExpectColumnMaxToBeBetween",
    "ExpectColumnMeanToBeBetween",
    "ExpectColumnMedianToBeBetween",
    "ExpectColumnMinToBeBetween",
    "ExpectColumnPairValuesAToBeGreaterThanB",
    "ExpectColumnQuantileValuesToBeBetween",
    "ExpectColumnStdevToBeBetween",
    "ExpectColumnSumToBeBetween",
    "ExpectColumnValueZScoresToBeLessThan",
    "ExpectColumnValuesToBeBetween",
    "ExpectColumnValuesToBeDecreasing",
    "ExpectColumnValuesToBeIncreasing",
    "ExpectMulticolumnSumToEqual",
}


class UnfitError(Exception):
    """A column does not hold what an expectation is about; the text says what it holds."""


def as_seen(rule: "Expectation", frame: "pd.DataFrame") -> "tuple[Expectation, dict[str, pd.Series[Any]]]":
    """Return an expectation, its values spelled as in the table, and the columns that it sees otherwise.

    Args:
        rule: the expectation.
        frame: each column with the type of its role.

    Raises:
        UnfitError: it cannot be checked.
    """
    column, values = getattr(rule, "column", None), getattr(rule, "value_set", None)
    if column in frame and isinstance(values, list | set | tuple):
        return rule.copy(update={"value_set": _spelled(list(values), frame[column])}), {}
    if type(rule).__name__ not in COMPARING:
        return rule, {}
    bounds = {name: getattr(rule, name, None) for name in ("min_value", "max_value")}
    days = {name: bound for name, bound in bounds.items() if isinstance(bound, date)}
    names = [name for name in columns_of(rule) if name in frame and frame[name].dtype.kind not in "fM"]
    seen = {name: _dates(frame[name]) if days else _numbers(frame[name]) for name in names}
    return (rule.copy(update={name: _timestamp(day) for name, day in days.items()}) if days else rule), seen


def columns_of(rule: "Expectation") -> list[str]:
    """Return the names of the columns that an expectation is about."""
    named = [getattr(rule, argument, None) for argument in COLUMNS]
    return [name for one in named if one for name in (one if isinstance(one, list | tuple) else [one])]


def _spelled(values: list[Any], column: "pd.Series[Any]") -> list[Any]:
    """Return values as they are spelled in a column; what it does not have stays as it is."""
    if column.dtype.kind == "M":
        return [_timestamp(value) for value in values]
    if column.dtype.kind == "f":
        return [_number(value) if isinstance(value, str) else value for value in values]
    words = [str(word) for word in column.dropna().unique()]
    known, spellings = set(words), dict[str, list[str]]()
    for word in words:
        spellings.setdefault(same_value(word) or word, []).append(word)
    spelled: list[Any] = []
    for value in values:
        text = str(value)
        exact = isinstance(value, str) and text in known
        spelled += [text] if exact else spellings.get(same_value(text) or text, [text])
    return spelled


def _number(word: str) -> Any:
    try:
        return float(word)
    except ValueError:
        return word


def _timestamp(value: Any) -> Any:
    import pandas as pd

    try:
        return pd.Timestamp(value)
    except (ValueError, TypeError):
        return value


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return _read(column, read_numbers(column), "numbers")


def _dates(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return _read(column, read_dates(column), "dates")


def _read(column: "pd.Series[Any]", read: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    """Check that all cells were read.

    Raises:
        UnfitError: some were not; names the rows, and not what they hold.
    """
    rows = [int(row) + FIRST_ROW for row in not_read(column, read).nonzero()[0]]
    if rows:
        named = ", ".join(map(str, rows[:NAMED])) + (" …" if len(rows) > NAMED else "")
        raise UnfitError(f"{len(rows)} of {len(column)} cells are not {kind}: row {named}")
    return read
