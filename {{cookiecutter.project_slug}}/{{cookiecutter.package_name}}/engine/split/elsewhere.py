"""The training rows of a table in parts, for the workers of a cluster to read themselves."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Params
from ..table.cells import as_labels
from ..table.validated_parts import ValidatedParts
from .whole import Whole

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Group:
    """Some rows of a file.

    Attributes:
        path: the file's path, which every worker has to reach.
        number: the number of the row group in it.
        chosen: for each of its rows with a target, whether it is one to learn from.
    """

    path: str
    number: int
    chosen: "NDArray[np.bool_]"


@dataclass(frozen=True)
class Elsewhere:
    """All training rows, none of which is in memory.

    Attributes:
        groups: where they are.
        features: the columns that the model uses.
        target: the column that tells which rows count.
        values: the value to predict of each row: numbers or labels.
        weight: the column with the rows' weights, if there is one.
    """

    groups: list[Group]
    features: list[str]
    target: str
    values: "NDArray[Any]"
    weight: str | None

    @classmethod
    def of(cls, whole: Whole, params: Params) -> "Elsewhere":
        """Find the training rows.

        Args:
            whole: the table, divided.
            params: they name the columns.
        """
        groups, begin = [], 0
        for path, number, rows in ValidatedParts(params).groups():
            chosen = whole.sides.train[begin : begin + rows]
            begin += rows
            if chosen.any():
                groups.append(Group(str(Path(path).resolve()), number, chosen))
        target = whole.target[whole.sides.train]
        values = target if whole.classes is None else as_labels(whole.classes)[target]
        data = params.data
        return cls(groups, whole.columns.features, data.target, values, data.weight)
