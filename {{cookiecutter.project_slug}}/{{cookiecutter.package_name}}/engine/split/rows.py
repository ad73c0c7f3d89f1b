"""Rows as a stage uses them, and what training rows have in addition."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..base.memory import Held
from ..blocks.checking import params_error
from ..params import Columns, Params
from .folds import fold

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from .elsewhere import Elsewhere
    from .folds import Folds

FOLDS = 5  # folds on which a decision threshold is chosen
LARGE = 2**24  # cells; larger features are freed while a model is fitted to what was made of them


@dataclass(frozen=True)
class Rows:
    """n rows, as a stage uses them.

    Attributes:
        held: the columns that the model uses.
        target: the value to predict of each row: numbers, or labels (whole numbers, booleans or text).
        actual: the same as it stands in the table, so that labels are text: what predictions are compared
            with.
        groups: the columns whose groups are judged separately (`evaluate.groups`).
        weight: how much each row counts when a model is fitted; None if all count the same.
        folds: the folds on which a decision threshold is chosen, if one is: for each, the positions of the
            rows to fit on and of those to judge by.
        on_cluster: whether the model is fitted on a cluster.
        elsewhere: all rows to learn from, if these are a sample of them, and the cluster reads the others.
    """

    held: "Held[pd.DataFrame]"
    target: "NDArray[Any]"
    actual: "pd.Series[Any]"
    groups: "pd.DataFrame"
    weight: "NDArray[np.float64] | None" = None
    folds: "Folds | None" = None
    on_cluster: bool = False
    elsewhere: "Elsewhere | None" = None

    @classmethod
    def of(
        cls,
        table: "pd.DataFrame",
        target: "NDArray[Any]",
        columns: Columns,
        params: Params,
        again: "Callable[[], pd.DataFrame] | None" = None,
    ) -> "Rows":
        """Take what a stage uses from n rows of a table.

        Args:
            table: the rows with all columns.
            target: the target of each row.
            columns: their roles.
            params: they name the target and the groups.
            again: reads the features again, so that large ones can be freed.
        """
        features = table[columns.features]
        held = Held(features, again if features.size >= LARGE else None)
        # copies: a view would keep all columns in memory
        actual, groups = table[params.data.target].copy(), table[params.evaluate.groups].copy()
        return cls(held, target, actual, groups)

    @classmethod
    def to_learn(
        cls,
        table: "pd.DataFrame",
        target: "NDArray[Any]",
        columns: Columns,
        params: Params,
        again: "Callable[[], pd.DataFrame] | None" = None,
    ) -> "Rows":
        """Take the same, with what a fit needs in addition: the rows' weights, and the folds.

        Raises:
            UserError: a weight is not valid, or there are too few rows for the folds.
        """
        rows, weight = cls.of(table, target, columns, params, again), weights_of(table, params)
        if not isinstance(params.model.threshold, str):
            return replace(rows, weight=weight)
        count = min(FOLDS, rows.actual.value_counts().min())  # each has rows of the rarer class
        try:
            folds = fold(table, params, columns.id, count, params.split.seed)
        except ValueError as error:
            reason = f"cannot be chosen on folds of the {len(table)} training rows: {error}"
            raise params_error(("model", "threshold"), reason) from None
        return replace(rows, weight=weight, folds=folds)

    @property
    def features(self) -> "pd.DataFrame":
        """The columns that the model uses."""
        return self.held.get()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.target)


def weights_of(table: "pd.DataFrame", params: Params) -> "NDArray[np.float64] | None":
    """Return the weights of training rows; None if no column has them.

    Raises:
        UserError: a weight is missing or negative, or all are zero.
    """
    if (name := params.data.weight) is None:
        return None
    weight: NDArray[np.float64] = table[name].to_numpy(copy=True)
    if wrong := int((~(weight >= 0)).sum()):
        reason = f"{wrong} of {len(weight)} training rows have no weight, or a negative one, in {name!r}"
        raise params_error(("data", "weight"), reason)
    if not weight.any():
        raise params_error(("data", "weight"), f"{name!r} is 0 in all {len(weight)} training rows")
    return weight
