"""Choosing a model's decision threshold on folds of the training rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.metrics import make_scorer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline

from .. import project
from ..base.memory import Held
from ..table.cells import as_words
from .threshold import PROBABILITIES
from .weights import Weighted, fit_weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..split.folds import Folds


def rarer_label(target: "NDArray[Any]") -> Any:
    """Return the rarer of two labels; if they are equally frequent, the last one in sorted order."""
    labels, counts = np.unique(target, return_counts=True)
    return labels.tolist()[-1 if counts[-1] <= counts[0] else 0]


def fit_with_threshold(
    model: Pipeline,
    rows: Held[pd.DataFrame],
    target: "NDArray[Any]",
    weight: "NDArray[np.float64] | None",
    folds: "Folds | None",
) -> None:
    """Fit a pipeline whose last step is from `with_threshold`, and choose its threshold.

    Args:
        model: the pipeline, which is fitted in place.
        rows: n rows.
        target: n labels, of two classes.
        weight: n weights; None if all rows count the same. They are not used to choose the threshold.
        folds: the folds on which the threshold is chosen, if it is.
    """
    name, last = model.steps[-1]
    value, positive = last.threshold, rarer_label(target)
    plain = Pipeline([*model.steps[:-1], (name, last.estimator)])
    if isinstance(value, str):
        features = rows.get()
        weights = None if weight is None else pd.Series(weight, features.index)
        value, plain = _choose(Weighted(plain, weights), features, target, value, folds or [])
    else:
        fit_weighted(plain, rows, target, weight)
    fixed = FixedThresholdClassifier(
        last.estimator, threshold=value, pos_label=positive, response_method=PROBABILITIES
    )
    fixed.estimator_ = plain[-1]  # its own `fit` sets this, but takes no weights
    model.steps = [*plain.steps[:-1], (name, fixed)]


def _choose(
    plain: Weighted, rows: pd.DataFrame, target: "NDArray[Any]", metric: str, folds: "Folds"
) -> tuple[float, Pipeline]:
    """Choose the threshold at which a metric is best on average over the folds.

    A fold is left out if one of the classes is missing among the rows to fit on or those to judge by.

    Returns:
        The threshold, and the pipeline, fitted to all rows.

    Raises:
        ValueError: no fold has both classes on both sides.
    """
    both = [fold for fold in folds if all(len(np.unique(target[side])) == 2 for side in fold)]
    if not both:
        raise ValueError("no fold has both classes on both sides: the threshold cannot be chosen")
    tuned = TunedThresholdClassifierCV(
        plain, scoring=_scorer(metric, target), response_method=PROBABILITIES, cv=both
    ).fit(rows, target)
    return float(tuned.best_threshold_), tuned.estimator_.model_


def _scorer(metric: str, target: "NDArray[Any]") -> Any:
    """Make scikit-learn's scorer of a metric of the project, for labels of two classes.

    Many thresholds give the same predictions: a measured value is kept by how often the labels agree.
    """
    labels = np.unique(target)
    words, score = as_words(labels).to_numpy(), project.metrics().score
    measured: dict[bytes, float] = {}

    def measure(actual: "NDArray[Any]", predicted: "NDArray[Any]", pos_label: Any) -> float:
        codes = [(side == labels[1]).astype(int) for side in (actual, predicted)]
        counts = np.bincount(codes[0] * 2 + codes[1], minlength=4).tobytes()
        if counts not in measured:
            table = pd.DataFrame({"actual": words[codes[0]], "predicted": words[codes[1]]}, dtype="str")
            measured[counts] = score(table)[metric]
        return measured[counts]

    better = project.greater_is_better()[metric]
    return make_scorer(measure, greater_is_better=better, pos_label=rarer_label(target))
