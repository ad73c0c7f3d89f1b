"""The table, divided into training rows and test rows."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Columns, Params
from ..table.validated import read_validated
from ..table.validated_parts import ValidatedParts, is_in_parts
from .columns import columns_of
from .identity import Identity
from .rule import divide
from .sides import Sides
from .whole import Whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Divided:
    """The table, divided.

    Attributes:
        rows: n rows, all columns.
        columns: the role of each column.
        identity: what identifies a row.
        keys: the keys of each row, from `Identity.keys`.
        sides: the sides of each row.
        whole: the table that these rows and columns are a part of; None if they are all of it.
    """

    rows: "pd.DataFrame"
    columns: Columns
    identity: Identity
    keys: "NDArray[np.uint64]"
    sides: Sides
    whole: Whole | None = None

    @classmethod
    def of(cls, params: Params, every_column: bool = False) -> "Divided":
        """Read the table and choose the test rows.

        Args:
            params: they say what to read, and how to divide it.
            every_column: whether to read columns that no parameter uses, too, if the table is read in parts.

        Raises:
            UserError: for the same reasons as `validated.read_validated` or `rule.divide`.
        """
        if is_in_parts(params):
            return cls._in_parts(params, every_column)
        rows = read_validated(params)
        columns = columns_of(rows, params)
        identity = Identity.of(rows.columns, columns.id, params)
        keys = identity.keys(rows)
        return cls(rows, columns, identity, keys, divide(rows, params.split, columns.id, keys))

    @classmethod
    def _in_parts(cls, params: Params, every_column: bool) -> "Divided":
        """Read a table in parts: first what divides its rows, then the rows and columns that are used."""
        parts = ValidatedParts(params)
        whole = Whole.of(parts, params)
        names = [str(name) for name in parts.header.columns]
        if not every_column:
            used = {params.data.target, params.data.weight, *whole.columns.features, *whole.columns.id}
            used |= {*params.evaluate.groups, *(name for _, name in params.split.columns())}
            names = [name for name in names if name in used]
        rows, sides = whole.rows(parts, names), whole.sides_of_read()
        return cls(rows, whole.columns, whole.identity, whole.keys[whole.read], sides, whole)


def read_again(params: Params, chosen: "NDArray[np.bool_]", names: list[str]) -> "pd.DataFrame":
    """Read some columns of some of the rows again.

    Args:
        params: the parameters by which they were divided.
        chosen: n booleans: which rows to read.
        names: the names of the columns.
    """
    rows = Divided.of(params).rows if is_in_parts(params) else read_validated(params)
    columns, index = dict(rows[names].items()), rows.index
    del rows
    return take(columns, index, chosen)[names]


def take(
    columns: "dict[Hashable, pd.Series[Any]]", index: "pd.Index[Any]", chosen: "NDArray[np.bool_]"
) -> "pd.DataFrame":
    """Copy some of n rows, column by column; the numbers go into one array, as scikit-learn needs them.

    Args:
        columns: the columns of all rows; it is emptied, so that each column can be freed once it is copied.
        index: the index of the rows.
        chosen: n booleans, which rows to copy.

    Returns:
        All columns: those with numbers, then the others.
    """
    import pandas as pd

    index = index[chosen]
    numeric = [name for name, column in columns.items() if column.dtype == "float64"]
    numbers = np.empty((len(numeric), len(index)))
    for values, name in zip(numbers, numeric, strict=True):
        values[:] = columns.pop(name).to_numpy()[chosen]
    others = {name: columns.pop(name).array[chosen] for name in [*columns]}
    frames = [pd.DataFrame(numbers.T, index, numeric, copy=False), pd.DataFrame(others, index, copy=False)]
    return pd.concat(frames, axis=1)
