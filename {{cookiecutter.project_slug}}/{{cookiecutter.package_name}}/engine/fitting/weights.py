"""Fitting a pipeline to rows with weights."""

from functools import partial
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline

from ..base import progress
from ..base.memory import Held, release
from .iterations import iterations

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

WEIGHT = "sample_weight"  # what scikit-learn and similar libraries call the weights


def fit_weighted(
    model: Pipeline,
    rows: "Held[pd.DataFrame]",
    target: "NDArray[Any]",
    weight: "NDArray[np.float64] | None",
) -> None:
    """Fit a pipeline in place; only its last step takes the weights.

    `Pipeline.fit` would keep the rows until its last step is fitted, which does not need them.

    Args:
        model: a pipeline.
        rows: n rows; they are freed before the last step is fitted to what the others made of them.
        target: the value to predict for each row.
        weight: n weights; None if all rows count the same.
    """
    weights = {} if weight is None else {WEIGHT: weight}
    *steps, (name, last) = model.steps
    if not steps or type(model) is not Pipeline:  # a subclass may do more than fit one step after the other
        model.fit(rows.get(), target, **{f"{name}__{key}": value for key, value in weights.items()})
        return
    prepare = model[:-1]
    prepared = prepare.fit_transform(rows.get(), target)
    model.steps = [*prepare.steps, (name, last)]  # copies, if the pipeline has a cache
    rows.let_go()
    release()
    last.fit(prepared, target, **weights)


class Weighted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A pipeline that knows the weights of its rows: code that fits it to some rows need not pass these on.

    Attributes:
        model_: the fitted pipeline.
    """

    def __init__(self, model: Pipeline, weight: "pd.Series[Any] | None") -> None:
        """Take a pipeline, not fitted, and the weight of each row by its place in the table's index."""
        self.model = model
        self.weight = weight

    def fit(self, X: "pd.DataFrame", y: "NDArray[Any]") -> "Weighted":
        """Fit a copy of the pipeline to n rows, with their weights."""
        self.model_ = clone(self.model)
        progress.tell(partial(iterations, self.model_))
        weight = None if self.weight is None else self.weight.loc[X.index].to_numpy()
        fit_weighted(self.model_, Held(X), y, weight)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: "pd.DataFrame") -> "NDArray[np.float64]":
        """Return n x k probabilities."""
        probability: NDArray[np.float64] = self.model_.predict_proba(X)
        return probability
