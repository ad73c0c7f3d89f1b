"""Looking up categories: for each word of the training rows, the columns that a fitted encoder gives it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..table.cells import same_value
from .plain import NotPlainError, Plain, Word

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LARGEST = 4_000_000  # the most cells of a table of words


@dataclass(frozen=True)
class Words:
    """Columns of words, encoded by looking each word up.

    Attributes:
        places: for each column, the row of its table by word.
        tables: for each column, k + 1 rows; the last one is for a word that is not in the training rows.
    """

    places: dict[str, dict[Word, int]]
    tables: "list[NDArray[Any]]"

    def __call__(self, rows: Plain) -> "NDArray[Any]":
        """Look up n rows.

        Raises:
            NotPlainError: a new word may be another spelling of a known one.
        """
        parts = []
        for (name, places), table in zip(self.places.items(), self.tables, strict=True):
            found = [places.get(word, -1) for word in rows.words[name]]
            if -1 in found and any(
                at < 0 and same_value(str(word)) for at, word in zip(found, rows.words[name], strict=True)
            ):
                raise NotPlainError
            parts.append(table.take(found, axis=0))
        return np.concatenate(parts, axis=1)


def looked_up(inner: Any, spelling: Any, encoder: Any, names: list[str]) -> Words | None:
    """Make tables of the words of k columns, by letting the transformer encode each word once."""
    widths = getattr(encoder, "_n_features_outs", [1] * len(names))
    known = spelling.words_ if spelling.numbered else [list(words) for words in encoder.categories_]
    if type(encoder).__name__ not in ("OneHotEncoder", "OrdinalEncoder"):
        return None
    if max(map(len, known)) * sum(widths) > LARGEST:
        return None
    places, tables = {}, []
    for at, name in enumerate(names):
        words: list[Word] = [*known[at], None]
        new = "?" * (1 + max(len(str(word)) for word in words))
        table = inner.transform(_frame(names, {name: [*words, new]}))
        start = sum(widths[:at])
        places[name] = {word: place for place, word in enumerate(words)}
        tables.append(dense(table)[:, start : start + widths[at]])
    return Words(places, tables)


def _frame(names: list[str], varied: dict[str, list[Word]]) -> "pd.DataFrame":
    """Make a frame in which all cells are missing, except in the given columns of words."""
    import pandas as pd

    (rows,) = map(len, varied.values())
    return pd.DataFrame({name: pd.Series(varied.get(name, [None] * rows), dtype="str") for name in names})


def dense(made: Any) -> "NDArray[Any]":
    """Return the result of a transformer as a dense array, even if it is a sparse one."""
    return np.asarray(made.toarray() if hasattr(made, "toarray") else made)
