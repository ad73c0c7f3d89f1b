"""The validated rows that have a target: what of them is asked for is read, or divided, once."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Columns, Params
from .description import Description
from .learned import Learned
from .split import choose_test, row_keys
from .table import infer_roles, read_validated
from .types import as_labels

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Dataset:
    """The table of the validate stage, as the parameters divide it.

    `divide` and every property may raise the UserError of `table.read_validated` or `split.choose_test`.
    """

    def __init__(self, params: Params) -> None:
        """Read nothing yet."""
        self._params = params

    def divide(self) -> None:
        """Read the rows and choose those to judge by, so that a property asked for later need not."""
        _ = self._is_test

    @cached_property
    def rows(self) -> "pd.DataFrame":
        """All n rows, all columns."""
        return read_validated(self._params)

    @cached_property
    def description(self) -> Description:
        """What kind of table it is."""
        return Description.of(self.rows)

    @cached_property
    def columns(self) -> Columns:
        """The role of each column."""
        return infer_roles(self.rows, self._params.data)

    @cached_property
    def _is_test(self) -> "NDArray[np.bool_]":
        return choose_test(self.rows, self._params.split, self._keys)

    @cached_property
    def _keys(self) -> "NDArray[np.uint64]":
        return row_keys(self.rows, self.columns.id)

    @cached_property
    def learned(self) -> Learned:
        """Which rows there are to learn from."""
        return Learned.of(self.rows, self.columns.id, self._keys[~self._is_test])

    def new_to(self, learned: Learned) -> "NDArray[np.bool_]":
        """Tell for each row of `test` whether a model has not learned from it.

        Raises:
            UserError: it cannot be told.
        """
        return ~learned.has(self._keys[self._is_test], self.learned, self._keys)

    @cached_property
    def train(self) -> "pd.DataFrame":
        """The rows to learn from, all columns: those with numbers, then the others."""
        return _copied(self.rows, ~self._is_test)

    @cached_property
    def test(self) -> "pd.DataFrame":
        """The rows to judge by, all columns: those with numbers, then the others."""
        return _copied(self.rows, self._is_test)

    @cached_property
    def train_target(self) -> "NDArray[Any]":
        """What there is to learn, of each row of `train`: numbers, or labels of `types.as_labels`."""
        import pandas as pd

        target = self.rows[self._params.data.target]
        if target.dtype == "float64":
            return target[~self._is_test].to_numpy()
        codes, words = pd.factorize(target)  # of all rows, so that the type does not depend on the split
        return as_labels(words)[codes[~self._is_test]]

    def let_go(self) -> None:
        """Keep none of the rows in memory but those that somebody else holds; they could be read again."""
        from pyarrow import default_memory_pool

        _ = self.description, self.columns, self.learned  # these are small
        for name in ("rows", "train", "test"):
            self.__dict__.pop(name, None)
        default_memory_pool().release_unused()


def _copied(rows: "pd.DataFrame", chosen: "NDArray[np.bool_]") -> "pd.DataFrame":
    """Copy some rows, column by column, the numbers into one array, as scikit-learn needs them."""
    import pandas as pd

    numeric = [name for name in rows.columns if rows[name].dtype == "float64"]
    numbers = np.empty((len(numeric), int(chosen.sum())))
    for values, name in zip(numbers, numeric, strict=True):
        values[:] = rows[name].to_numpy()[chosen]
    index = rows.index[chosen]
    others = rows[[name for name in rows.columns if name not in numeric]][chosen]
    return pd.concat([pd.DataFrame(numbers.T, index, numeric, copy=False), others], axis=1)
