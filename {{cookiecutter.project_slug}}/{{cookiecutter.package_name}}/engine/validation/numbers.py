"""Cells of columns of numbers or dates that hold something else."""

from typing import TYPE_CHECKING

from ..table.disguises import FEW, is_unknown
from ..table.plan import Unread
from ..table.reading import FIRST_ROW
from .result import Result

if TYPE_CHECKING:
    import pandas as pd

NAMED_ROWS = 20  # that fail a check; the others are counted


def check_numbers(raw: "pd.DataFrame", frame: "pd.DataFrame") -> list[Result]:
    """Name the cells in columns of numbers or dates that hold something else, or an infinite number.

    Args:
        raw: the table from `reading.read_raw`.
        frame: the same table from `types.to_types`, in which these cells are missing.
    """
    results = []
    for name in frame.columns:
        wrong = (frame[name].isna() & raw[name].notna()).to_numpy().nonzero()[0]
        if len(wrong):
            rows = [int(row) + FIRST_ROW for row in wrong[:NAMED_ROWS]]
            values = [str(raw[name].iloc[row]) for row in wrong[:NAMED_ROWS]]
            kind = "finite numbers" if frame[name].dtype == "float64" else "dates"
            words = sorted(map(str, raw[name].iloc[wrong].unique()))
            cells = Unread(len(wrong), rows, values, words)
            results.append(unread_result(str(name), kind, len(raw), cells))
    return results


def unread_result(name: str, kind: str, rows: int, cells: Unread) -> Result:
    """Make the result for a column with cells that are not of its kind.

    Args:
        name: the column's name.
        kind: finite numbers, or dates.
        rows: how many rows the table has.
        cells: what was not read.
    """
    rule = f"values are {kind}{_unlisted(cells.words)}"
    return Result(rule, name, "critical", False, cells.count, rows, cells.rows, cells.values)


def _unlisted(words: list[str]) -> str:
    """Say what to write if some words may stand for a missing value; otherwise return an empty text."""
    if len(words) > FEW or not all(map(is_unknown, words)):
        return ""
    return f" (if {' and '.join(map(repr, words))} is a missing value, add it to data.missing)"
