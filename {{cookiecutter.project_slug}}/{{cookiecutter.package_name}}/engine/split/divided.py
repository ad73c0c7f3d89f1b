"""The table, divided into the rows to learn from and those to judge by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..params import Columns, Params
from ..table.validated import read_validated
from .columns import columns_of
from .rule import divide, row_keys
from .sides import Sides

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Divided:
    """The table, divided.

    Attributes:
        rows: all n rows, all columns.
        columns: the role of each column.
        keys: of each row, from `rule.row_keys`.
        sides: of each row.
    """

    rows: "pd.DataFrame"
    columns: Columns
    keys: "NDArray[np.uint64]"
    sides: Sides

    @classmethod
    def of(cls, params: Params) -> "Divided":
        """Read the table and choose the test rows.

        Raises:
            UserError: as `validated.read_validated` or `rule.divide`.
        """
        rows = read_validated(params)
        columns = columns_of(rows, params)
        keys = row_keys(rows, columns.id)
        return cls(rows, columns, keys, divide(rows, params.split, columns.id, keys))

    def part(self, chosen: "NDArray[np.bool_]") -> "pd.DataFrame":
        """Copy some rows, column by column, the numbers into one array, as scikit-learn needs them.

        Args:
            chosen: of each row, whether it is one of them.

        Returns:
            All columns: those with numbers, then the others.
        """
        import pandas as pd

        rows = self.rows
        numeric = [name for name in rows.columns if rows[name].dtype == "float64"]
        numbers = np.empty((len(numeric), int(chosen.sum())))
        for values, name in zip(numbers, numeric, strict=True):
            values[:] = rows[name].to_numpy()[chosen]
        index = rows.index[chosen]
        others = rows[[name for name in rows.columns if name not in numeric]][chosen]
        return pd.concat([pd.DataFrame(numbers.T, index, numeric, copy=False), others], axis=1)
