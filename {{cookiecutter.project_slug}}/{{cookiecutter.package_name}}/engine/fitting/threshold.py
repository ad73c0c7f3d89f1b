"""The decision threshold of a model of two classes: the probability from which on it predicts the rarer one.

It is a number in params.yaml, or is chosen on folds of the training rows so that a metric is best. The saved
model has scikit-learn's FixedThresholdClassifier with the number, and nothing about how it was chosen.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import project
from ..base.yaml import nearest
from ..blocks.checking import params_error
from ..params import Params

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

KEY = ("model", "threshold")
PROBABILITIES = "predict_proba"


@dataclass(frozen=True)
class Threshold:
    """The lowest probability at which a model predicts a class.

    Attributes:
        value: the probability.
        label: the class.
    """

    value: float
    label: str

    def __str__(self) -> str:
        """Format it in a line."""
        return f"{self.label!r} from a probability of {self.value:.4g} on"


def threshold_of(model: Any) -> Threshold | None:
    """Return the threshold of a fitted model; None if it predicts the likeliest class, or no class at all."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if not is_thresholded(last) or last.pos_label is None:
        return None
    import numpy as np

    from ..table.cells import as_words

    return Threshold(float(last.threshold), str(as_words(np.array([last.pos_label])).iloc[0]))


def is_thresholded(step: Any) -> bool:
    """Tell whether a step of a pipeline is a classifier with a threshold around it."""
    return type(step).__name__ == "FixedThresholdClassifier"


def check_threshold(estimator: "BaseEstimator", params: Params) -> None:
    """Check that a model can have the threshold that params.yaml asks for.

    Raises:
        UserError: it predicts numbers, or gives no probabilities; or the metric depends on no threshold.
    """
    threshold, name = params.model.threshold, type(estimator).__name__
    if threshold is None:
        return
    if params.model.on_cluster:
        raise params_error(KEY, f"does not work with {params.model.type}, fitted on a cluster; delete it")
    if params.data.task == "regression":
        raise params_error(KEY, "is for two classes, and data.task is regression; delete it")
    if not hasattr(estimator, PROBABILITIES):
        raise params_error(
            KEY, f"needs probabilities, and {name} gives none; delete it, or take another type"
        )
    if isinstance(threshold, str) and threshold not in (measured := _measured_by_labels()):
        why = f"no such metric {threshold!r}"
        if threshold in project.greater_is_better():
            why = f"{threshold} is computed from probabilities, and does not depend on a threshold"
        raise params_error(KEY, f"{why}; {nearest(threshold, measured)}, or a number between 0 and 1")


def _measured_by_labels() -> list[str]:
    """List the metrics of the project that need no probabilities."""
    import pandas as pd

    labels = ["a", "b", "b"]
    return list(project.metrics().score(pd.DataFrame({"actual": labels, "predicted": labels[::-1]})))


def with_threshold(estimator: "BaseEstimator", params: Params) -> "BaseEstimator":
    """Put the threshold of params.yaml, if any, around a classifier; `fit` chooses it by a metric."""
    if params.model.threshold is None:
        return estimator
    from sklearn.model_selection import FixedThresholdClassifier

    return FixedThresholdClassifier(estimator, threshold=params.model.threshold)
