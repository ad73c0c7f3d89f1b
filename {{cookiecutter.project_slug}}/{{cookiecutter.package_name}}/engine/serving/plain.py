"""Rows whose cells the model can take as they are: they are made into columns without a pandas frame.

Most requests are like this: numbers are JSON numbers, categories are words. A cell that has to be parsed
(`"3,5"`), and anything that may be a mistake, is left to `scoring`, which is slow for a single row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scoring.expected import Expected
from ..scoring.records import WORDS, Missing, Record
from ..table.cells import as_word, same_value

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ROLES = ("numeric", *WORDS)
PLAIN_NUMBERS = frozenset({float, int, type(None)})  # types; `bool` is not `int` here
PLAIN_WORDS = frozenset({str, type(None)})
Word = str | None
Spell = Callable[[str], str]


class NotPlainError(Exception):
    """A cell has to be parsed, or a row may have a mistake."""


@dataclass(frozen=True)
class Plain:
    """n plain rows.

    Attributes:
        numbers: n x the numeric columns, in their order; NaN is missing.
        words: n cells for each of the other columns; None is missing.
        missing: how many cells were missing, by column.
        unseen: how many cells held a category that no training row had, by column.
    """

    numbers: "NDArray[np.float64]"
    words: dict[str, list[Word]]
    missing: dict[str, int]
    unseen: dict[str, int]

    @classmethod
    def together(cls, parts: "Sequence[Plain]") -> "Plain":
        """Return the rows of several objects with the same columns as one; nothing is counted."""
        words = {name: [word for part in parts for word in part.words[name]] for name in parts[0].words}
        return cls(np.concatenate([part.numbers for part in parts]), words, {}, {})

    def frame(self, names: Sequence[str], of: Sequence[str]) -> "pd.DataFrame":
        """Make a frame of some columns.

        Args:
            names: the names of all numeric columns.
            of: the columns to take.
        """
        import pandas as pd

        chosen = [at for at, name in enumerate(names) if name in of]
        table = pd.DataFrame(self.numbers[:, chosen], columns=[names[at] for at in chosen])
        for name in of:
            if name in self.words:
                table[name] = pd.Series(self.words[name], dtype="str")
        return table if [*table.columns] == [*of] else table[list(of)]


class Reader:
    """Makes columns from plain rows."""

    def __init__(self, expected: Expected) -> None:
        """Take what rows have to be like."""
        self.expected = expected
        self.names = [name for name, role in expected.roles.items() if role == "numeric"]
        self._missing = {name: Missing.of(expected, name) for name in expected.roles}
        self._spell = {name: spelling(expected, name) for name in expected.roles}

    @classmethod
    def of(cls, expected: Expected) -> "Reader | None":
        """Return a reader; None if a column needs more than this: dates have to be parsed."""
        plain = all(
            role in ROLES and name not in expected.data.date_formats for name, role in expected.roles.items()
        )
        return cls(expected) if plain else None

    def read(self, records: Sequence[Record], strict: bool) -> Plain:
        """Make columns from n rows.

        Args:
            records: the rows.
            strict: whether a column that the model does not take is a mistake.

        Raises:
            NotPlainError: a row is not plain.
        """
        roles, complete = self.expected.roles.keys(), self.expected.complete
        for record in records:
            names = record.keys()
            if names != roles and (not complete <= names or (strict and not names <= roles)):
                raise NotPlainError
        cells = [[record.get(name) for record in records] for name in self.names]
        numbers = self._numbers(cells, len(records))
        words = {
            name: self._words([record.get(name) for record in records], name)
            for name, role in self.expected.roles.items()
            if role in WORDS
        }
        return replace(Plain(numbers, words, {}, self._unseen(words)), missing=self._gaps(numbers, words))

    def _numbers(self, cells: list[list[Any]], rows: int) -> "NDArray[np.float64]":
        """Make numbers of the cells of the numeric columns, column by column."""
        if any(not PLAIN_NUMBERS.issuperset(map(type, column)) for column in cells):
            raise NotPlainError
        try:
            numbers = np.array(cells, dtype=np.float64).reshape(len(cells), rows)  # null becomes NaN
        except OverflowError:
            raise NotPlainError from None
        if np.isinf(numbers).any():
            raise NotPlainError
        for column, name in zip(numbers, self.names, strict=True):
            if gone := self._missing[name].numbers:
                column[np.isin(column, [*gone])] = np.nan
        return numbers.T.copy()

    def _words(self, cells: list[Any], name: str) -> list[Word]:
        """Make words of the cells of a column: of each text once, since most come again and again."""
        if not PLAIN_WORDS.issuperset(map(type, cells)):  # 1, 1.0 and true are one key, and several words
            return [self._word(cell, name) for cell in cells]
        words = {cell: self._word(cell, name) for cell in set(cells)}
        return [words[cell] for cell in cells]

    def _word(self, value: Any, name: str) -> Word:
        if isinstance(value, list | dict):
            raise NotPlainError
        if self._missing[name].has(value):
            return None
        word = value if isinstance(value, str) else as_word(value)
        return word and self._spell[name](word)

    def _gaps(self, numbers: "NDArray[np.float64]", words: dict[str, list[Word]]) -> dict[str, int]:
        """Count missing cells.

        Raises:
            NotPlainError: a cell is missing in a column that allows none.
        """
        gaps = dict(zip(self.names, np.isnan(numbers).sum(axis=0).tolist(), strict=True))
        gaps |= {name: cells.count(None) for name, cells in words.items()}
        missing = {name: count for name, count in gaps.items() if count}
        if missing.keys() & self.expected.complete:
            raise NotPlainError
        return missing

    def _unseen(self, words: dict[str, list[Word]]) -> dict[str, int]:
        known = {name: self.expected.categories[name] for name in words if name in self.expected.categories}
        unseen = {name: set(words[name]) - of - {None} for name, of in known.items()}
        return {name: sum(word in new for word in words[name]) for name, new in unseen.items() if new}


def spelling(expected: Expected, name: str) -> Spell:
    """Return the function that spells a column's words as the model does; see `scoring.cells`."""
    known = expected.spellings.get(name)
    if not known:
        return lambda word: word
    return lambda word: known.get(same_value(word) or word, word)
