"""Which rows a model has learned from; kept with it, so that it is never scored on them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UserError
from .identity import Identity, row_keys

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# the share of a model's training rows, without ids, that must still be there; else it is another table
KEPT = 0.5


@dataclass(frozen=True)
class Learned:
    """The rows that a model was fitted to.

    Attributes:
        known_by: the columns by which `Identity` identifies rows, each with its type, and how it does so.
        by_id: whether these are ids.
        keys: the keys of the rows, each once, in ascending order.
    """

    known_by: str
    by_id: bool
    keys: "NDArray[np.uint64]"

    @classmethod
    def of(cls, frame: "pd.DataFrame", identity: Identity, keys: "NDArray[np.uint64]") -> "Learned":
        """Describe the training rows.

        Args:
            frame: the table, for its columns.
            identity: what identifies its rows.
            keys: the keys of the training rows.
        """
        import pandas as pd

        how = identity.described(frame)
        probe = row_keys(pd.DataFrame({"how": [how]}), [])  # another version of pandas may compute other keys
        keys = np.sort(keys)
        # the same as np.unique, in a tenth of the time
        first = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
        return cls(f"{how} ({probe[0]:x})", identity.by_id, keys[first])

    @cached_property
    def digest(self) -> str:
        """Return a digest that only these rows have."""
        return hashlib.md5(self.known_by.encode() + self.keys.tobytes()).hexdigest()

    def has(
        self, keys: "NDArray[np.uint64]", table: "Learned", rows: "NDArray[np.uint64]"
    ) -> "NDArray[np.bool_]":
        """Tell for each of n rows whether the model has learned from it.

        Args:
            keys: the keys of the n rows.
            table: the rows of the current table to learn from, which say how its rows are identified.
            rows: the keys of all rows of that table.

        Raises:
            UserError: this cannot be decided.
        """
        if self.known_by != table.known_by:
            how = "ids" if self.by_id and table.by_id else "columns"
            raise UserError(f"rows are identified by other {how} than when it was trained")
        if not self.by_id and np.isin(self.keys, rows).mean() < KEPT:
            raise UserError("most rows that it learned from are gone, or edited: rows have no id")
        return np.isin(keys, self.keys)

    def save(self, path: Path) -> None:
        """Write it to a file."""
        np.savez(path, known_by=np.array(self.known_by), by_id=np.array(self.by_id), keys=self.keys)

    @classmethod
    def load(cls, path: Path) -> "Learned":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(str(kept["known_by"]), bool(kept["by_id"]), kept["keys"])
