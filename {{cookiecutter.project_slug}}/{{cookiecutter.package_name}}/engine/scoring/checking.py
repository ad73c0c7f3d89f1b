"""Checking rows before a model sees them: each mistake has its row, its column and what is expected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..table.numbers import not_read
from .cells import typed
from .expected import Expected

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MISSING = "is missing, and no training row lacked it"


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one column.

    Attributes:
        rows: for each of n rows, whether its cell is wrong.
        wrong: what is wrong, as the end of a sentence that begins with the cell.
    """

    column: str
    rows: "NDArray[np.bool_]"
    wrong: str


@dataclass(frozen=True)
class Checked:
    """Rows with the types of their roles, and what is wrong with some of them.

    Attributes:
        table: n rows x the columns that the model takes.
        mistakes: column by column.
        unseen: how many cells hold a category that no training row had, by column.
    """

    table: "pd.DataFrame"
    mistakes: list[Mistake]
    unseen: dict[str, int]

    @property
    def right(self) -> "NDArray[np.bool_]":
        """Tell for each row whether it can be predicted."""
        wrong = np.zeros(len(self.table), dtype=bool)
        for mistake in self.mistakes:
            wrong |= mistake.rows
        return ~wrong

    def reasons(self, raw: "pd.DataFrame") -> "pd.Series[Any]":
        """Say for each wrong row what is wrong, with the cell.

        Args:
            raw: the rows as they were given.
        """
        import pandas as pd

        wrong = ~self.right
        reasons = pd.Series("", index=raw.index[wrong], dtype="object")
        for mistake in self.mistakes:
            cells = raw.loc[mistake.rows, mistake.column]
            named = mistake.column + (" " + cells.map(repr) if mistake.wrong != MISSING else "")
            told = named + f" {mistake.wrong}; "
            reasons.loc[cells.index] = reasons.loc[cells.index] + told
        return reasons.str.removesuffix("; ")


def check(raw: "pd.DataFrame", expected: Expected, allow_missing: bool = False) -> Checked:
    """Give n rows the types of their roles, and check them.

    Args:
        raw: the columns that the model takes, as `table.parts` reads them.
        expected: what they have to be like.
        allow_missing: whether a value may be missing where no training row lacked one.
    """
    table = typed(raw, expected)
    mistakes: list[Mistake] = []
    unseen: dict[str, int] = {}
    for name, role in expected.roles.items():
        unread = np.zeros(len(raw), dtype=bool)
        if role in ("numeric", "date"):
            unread = not_read(raw[name], table[name])
            mistakes.append(Mistake(name, unread, _unread(name, role, expected)))
        if name in expected.complete and not allow_missing:
            missing = table[name].isna().to_numpy() & ~unread
            mistakes.append(Mistake(name, missing, MISSING))
        if name in expected.categories:
            strange = table[name].notna() & ~table[name].isin(expected.categories[name])
            unseen |= {name: int(strange.sum())} if strange.any() else {}
    return Checked(table, [mistake for mistake in mistakes if mistake.rows.any()], unseen)


def _unread(name: str, role: str, expected: Expected) -> str:
    """Say what a cell that cannot be read should be."""
    if role == "numeric":
        unit = expected.data.units.get(name)
        return f"is not a number in {unit}" if unit else "is not a number"
    return f"is not a date (wanted: {expected.data.date_formats.get(name, 'YYYY-MM-DD')})"
