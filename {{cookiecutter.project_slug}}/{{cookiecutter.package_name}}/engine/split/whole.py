"""What is known about all rows of a table when only some of them are read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Columns, Params
from ..table.description import Description
from ..table.validated_parts import ValidatedParts, as_pandas
from .columns import columns_of
from .identity import Identity, row_keys
from .rule import divide
from .sample import sampled
from .sides import Sides

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Whole:
    """All n rows of a table, without their cells.

    Attributes:
        header: a table without rows, with all columns.
        description: the description of all columns.
        columns: the role of each column.
        identity: what identifies a row.
        keys: the keys of each row, from `Identity.keys`.
        sides: the sides of each row.
        read: n booleans: whether the row is read.
        target: the target of each row: a number, or which of the classes it is.
        classes: all classes, if the target has any.
    """

    header: "pd.DataFrame"
    description: Description
    columns: Columns
    identity: Identity
    keys: "NDArray[np.uint64]"
    sides: Sides
    read: "NDArray[np.bool_]"
    target: "NDArray[Any]"
    classes: "pd.Index[str] | None"

    @classmethod
    def of(cls, parts: ValidatedParts, params: Params) -> "Whole":
        """Read what divides the rows, and choose the rows to read.

        Each row's key, target and the columns that `split` names are in memory.

        Raises:
            UserError: the table cannot be read or divided.
        """
        import pandas as pd

        columns, split = columns_of(parts.header, params), params.split
        kept = list(dict.fromkeys([params.data.target, *(name for _, name in split.columns())]))
        identity, keys, thin = Identity.of(parts.header.columns, columns.id, params), [], []
        for table in parts.tables([*dict.fromkeys([*kept, *identity.columns])]):
            part = as_pandas(table)
            keys.append(row_keys(part, identity.columns))
            thin.append(part[kept])
        frame, every = pd.concat(thin, ignore_index=True), identity.told_apart(np.concatenate(keys))
        sides = divide(frame, split, columns.id, every)
        target, classes = frame[params.data.target].to_numpy(), None
        if params.data.task == "classification":
            target, classes = pd.factorize(frame[params.data.target])
        read = sampled(frame, params, sides)
        description = parts.describe(len(frame))
        return cls(parts.header, description, columns, identity, every, sides, read, target, classes)

    def rows(self, parts: ValidatedParts, names: list[str]) -> "pd.DataFrame":
        """Read the chosen rows.

        Args:
            parts: the table.
            names: the names of the columns.
        """
        import pyarrow as pa

        begin, chosen = 0, []
        for table in parts.tables(names):
            end = begin + table.num_rows
            chosen.append(table.filter(pa.array(self.read[begin:end])))
            begin = end
        return as_pandas(pa.concat_tables(chosen))

    def sides_of_read(self) -> Sides:
        """Return the sides of the rows that are read."""
        sides, read = self.sides, self.read
        groups = None if sides.groups is None else sides.groups[read]
        times = None if sides.times is None else sides.times[read]
        return Sides(sides.train[read], sides.test[read], groups, times)
