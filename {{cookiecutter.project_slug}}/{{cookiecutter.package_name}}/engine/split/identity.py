"""What identifies a row: its id, or else all of its cells except the target."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..params import Params

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ROWS = 2**16  # rows whose keys are made at once


@dataclass(frozen=True)
class Identity:
    """What identifies a row.

    Attributes:
        columns: the columns whose cells count. The target is never one of them: of two rows that differ only
            in the target, one could be a training row and the other a test row. A model would learn the class
            of the one, and be wrong about the other.
        by_id: whether these columns are ids.
        each: whether equal rows count as different ones (`split.duplicates: apart`); they are then numbered.
    """

    columns: list[str]
    by_id: bool
    each: bool = False

    @classmethod
    def of(cls, names: Iterable[object], ids: list[str], params: Params) -> "Identity":
        """Decide what identifies the rows of a table.

        Args:
            names: the names of all its columns.
            ids: the columns that name a row, if any.
            params: the parameters with the target, and the rule for equal rows.
        """
        others = [str(name) for name in names if name != params.data.target]
        each = not ids and params.split.duplicates == "apart"
        return cls(ids or others, bool(ids), each)

    def keys(self, frame: "pd.DataFrame") -> "NDArray[np.uint64]":
        """Give each of n rows a number that is made from its values; see `row_keys` and `told_apart`."""
        return self.told_apart(row_keys(frame, self.columns))

    def told_apart(self, keys: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
        """Give each of several rows with the same key its own key, if equal rows count as different ones.

        It is made from the number of equal rows before it: appended rows change no key.

        Args:
            keys: the keys of all rows of a table, in their order, from `row_keys`.
        """
        import pandas as pd

        again = pd.Series(keys).duplicated().to_numpy() if self.each else np.zeros(0, dtype=bool)
        if not again.any():
            return keys
        repeated = pd.Series(keys[again])
        # from 1 on, since 0 has the hash 0
        number = 1 + repeated.groupby(repeated).cumcount().to_numpy().astype(np.uint64)
        numbered = keys.copy()
        numbered[again] ^= pd.util.hash_array(number)
        return numbered

    def described(self, frame: "pd.DataFrame") -> str:
        """Describe it, with the columns' types, in words that change whenever it does."""
        names = ", ".join(f"{name} {frame[name].dtype}" for name in self.columns)
        return f"{names}, each for itself" if self.each else names


def row_keys(frame: "pd.DataFrame", columns: list[str]) -> "NDArray[np.uint64]":
    """Give each row a number that it keeps as long as its values stay the same.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        columns: the columns that count; empty for all of them.

    Returns:
        n numbers, which are equal for equal rows.
    """
    import pandas as pd

    counted = columns or [str(name) for name in frame.columns]
    used, parts = frame[counted], range(0, len(frame), ROWS) or [0]
    # some rows at a time, which fit into the processor's cache: this takes a third of the time
    keys = [pd.util.hash_pandas_object(used.iloc[i : i + ROWS], index=False) for i in parts]
    return np.concatenate(keys).astype(np.uint64, copy=False)
