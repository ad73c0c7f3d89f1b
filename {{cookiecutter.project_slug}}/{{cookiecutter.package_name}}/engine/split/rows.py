"""Rows as a stage uses them, and what those that a model learns from have besides."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..blocks.checking import params_error
from ..params import Columns, Params
from .folds import fold

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from .folds import Folds

FOLDS = 5  # on which a decision threshold is chosen


@dataclass(frozen=True)
class Rows:
    """n rows, as a stage uses them.

    Attributes:
        features: the columns that the model uses.
        target: what there is to learn of each row: numbers, or labels (whole numbers, booleans or text).
        actual: the same as it stands in the table, so labels are text: what predictions are compared with.
        groups: the columns whose groups are judged apart (`evaluate.groups`).
        weight: how much each row counts when a model is fitted; None: all count the same.
        folds: on which a decision threshold is chosen, if one is: for each, the positions of the rows to fit
            on and of those to judge by.
    """

    features: "pd.DataFrame"
    target: "NDArray[Any]"
    actual: "pd.Series[Any]"
    groups: "pd.DataFrame"
    weight: "NDArray[np.float64] | None" = None
    folds: "Folds | None" = None

    @classmethod
    def of(cls, table: "pd.DataFrame", target: "NDArray[Any]", columns: Columns, params: Params) -> "Rows":
        """Take of n rows of a table what a stage uses.

        Args:
            table: all columns.
            target: of each row.
            columns: their roles.
            params: names the target and the groups.
        """
        return cls(table[columns.features], target, table[params.data.target], table[params.evaluate.groups])

    @classmethod
    def to_learn(
        cls, table: "pd.DataFrame", target: "NDArray[Any]", columns: Columns, params: Params
    ) -> "Rows":
        """Take the same, with what a fit needs besides: the rows' weights, and the folds.

        Raises:
            UserError: a weight is none, or there are too few rows for the folds.
        """
        rows, weight = cls.of(table, target, columns, params), weights_of(table, params)
        if not isinstance(params.model.threshold, str):
            return replace(rows, weight=weight)
        count = min(FOLDS, rows.actual.value_counts().min())  # each has rows of the rarer class
        try:
            folds = fold(table, params, columns.id, count, params.split.seed)
        except ValueError as error:
            reason = f"cannot be chosen on folds of the {len(table)} training rows: {error}"
            raise params_error(("model", "threshold"), reason) from None
        return replace(rows, weight=weight, folds=folds)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.features)


def weights_of(table: "pd.DataFrame", params: Params) -> "NDArray[np.float64] | None":
    """Return the weights of training rows; None if no column has them.

    Raises:
        UserError: one is missing or negative, or all are zero.
    """
    if (name := params.data.weight) is None:
        return None
    weight: NDArray[np.float64] = table[name].to_numpy()
    if wrong := int((~(weight >= 0)).sum()):
        reason = f"{wrong} of {len(weight)} training rows have no weight, or a negative one, in {name!r}"
        raise params_error(("data", "weight"), reason)
    if not weight.any():
        raise params_error(("data", "weight"), f"{name!r} is 0 in all {len(weight)} training rows")
    return weight
