"""Doubts about a split: a column whose values repeat like persons, or rise like time.

Both are guesses from the table's own shape, and warnings only. A sample decides which columns are looked at
as a whole, so that a table of two million rows takes little time.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..params import Split
from .latest import is_numbers
from .persons import is_id, repeats
from .times import SAMPLE, is_time, rises

if TYPE_CHECKING:
    import pandas as pd

PERSON, TIME, ORDER = "person", "time", "order"  # kinds of doubt


@dataclass(frozen=True)
class Doubt:
    """A column that a split seems to overlook.

    Attributes:
        column: its name.
        text: what it looks like, and the remedy.
        kind: PERSON if its values repeat like persons, so that `split.groups` may name it; TIME if the rows
            are in its order, and its values or its name look like time; ORDER if the rows are in its order.
    """

    column: str
    text: str
    kind: str


def doubts(frame: "pd.DataFrame", split: Split, ids: list[str], target: str) -> list[Doubt]:
    """Warn about what a split seems to overlook.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        split: the rule; if it is by groups or time, somebody has thought of it.
        ids: the columns that together name a row; if it is a single one, rows with the same value are on one
            side.
        target: the column to predict.

    Returns:
        A doubt for each such column, in the table's order.
    """
    if split.groups or split.time is not None:
        return []
    found, thought_of = [], {split.stratify, *(ids if len(ids) == 1 else [])}
    for name in frame.columns:
        if name == target or name in split.not_by:
            continue
        column = _typed(frame[name])
        person = "" if name in thought_of else repeats(column)
        if person and is_id(column):
            found.append(Doubt(str(name), person, PERSON))
        elif text := rises(column):
            kind = TIME if is_time(column) else PERSON if person else ORDER
            found.append(Doubt(str(name), text, kind))
        elif person:
            found.append(Doubt(str(name), person, PERSON))
    return [replace(doubt, text=f"{doubt.text}; if not, split.not_by: [{doubt.column}]") for doubt in found]


def _typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return as numbers what is text only because the column is dropped."""
    import pandas as pd

    if not is_numbers(column.iloc[:SAMPLE].dropna()):
        return column
    return pd.to_numeric(column, errors="coerce").astype("float64")
