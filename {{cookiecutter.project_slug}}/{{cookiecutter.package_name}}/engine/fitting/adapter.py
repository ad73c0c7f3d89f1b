"""A model of any library, or one of your own, made to behave like scikit-learn's.

A saved model carries this module, so it imports only those of the project's modules that the model carries,
too.
"""

from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if

from ..table.cells import as_words
from .early_stopping import fit_and_stop_early

# by name: a registered model carries its own class, which in older models is called Adapter
ADAPTERS = ("ClassifierAdapter", "RegressorAdapter", "Adapter")


def inner(model: Any) -> Any:
    """Return the model itself, without the pipeline, the threshold and the adapter around it."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if type(last).__name__ == "FixedThresholdClassifier":
        last = getattr(last, "estimator_", last.estimator)
    kind = type(last)
    if kind.__name__ not in ADAPTERS or not kind.__module__.endswith(".adapter"):
        return last
    return getattr(last, "estimator_", last.estimator)


def _forget_when(estimator: Any) -> None:
    """Remove from CatBoost's model what differs between equal models, so that their files are equal."""
    if type(estimator).__module__.startswith("catboost."):
        metadata = estimator.get_metadata()
        metadata["model_guid"] = metadata["train_finish_time"] = ""


class ClassifierAdapter(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts one of the labels that it was fitted to for each row, and knows its classes in order.

    Attributes:
        classes_: k labels, sorted; column i of `predict_proba` belongs to label i.
    """

    def __init__(self, estimator: Any, encode: bool = False) -> None:
        """Take the model.

        Args:
            estimator: the model, not fitted.
            encode: whether it gets the numbers 0 to k-1 instead of the labels.
        """
        self.estimator = estimator
        self.encode = encode

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ClassifierAdapter":
        """Fit a copy of the model to n rows and their labels.

        Args:
            X: n rows x m features.
            y: n labels.
            sample_weight: n weights; None if all rows count the same.

        Raises:
            ValueError: `class_weight` names a class that does not exist.
        """
        codes, self.classes_ = pd.factorize(np.asarray(y), sort=True)  # quicker than np.unique
        self.estimator_ = deepcopy(self.estimator)  # CatBoost refuses clone() if it has weights
        weights = getattr(self.estimator, "class_weight", None)
        if self.encode and isinstance(weights, dict):
            self.estimator_.set_params(class_weight=self._encoded(weights))
        fit_and_stop_early(self.estimator_, X, codes if self.encode else y, codes, sample_weight)
        _forget_when(self.estimator_)
        return self

    def __sklearn_clone__(self) -> "ClassifierAdapter":
        """Return a copy, not fitted: scikit-learn's own way refuses CatBoost with class weights."""
        return type(self)(deepcopy(self.estimator), self.encode)

    def predict(self, X: Any) -> "np.ndarray[Any, Any]":
        """Return n labels; some libraries return a table of n x 1."""
        predicted = np.asarray(self.estimator_.predict(X)).reshape(len(X))
        return self.classes_[predicted.astype(int)] if self.encode else predicted

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> "np.ndarray[Any, Any]":
        """Return n x k probabilities.

        Raises:
            ValueError: the model returns another number of columns.
        """
        probabilities = np.asarray(self.estimator_.predict_proba(X))
        if probabilities.shape != (len(X), len(self.classes_)):
            needed = f"{len(X)} x {len(self.classes_)} are needed, a column for each class"
            raise ValueError(f"predict_proba returns numbers of shape {probabilities.shape}; {needed}")
        theirs = list(getattr(self.estimator_, "classes_", self.classes_))
        ours = range(len(self.classes_)) if self.encode else self.classes_
        return probabilities[:, [theirs.index(label) for label in ours]]

    def _encoded(self, weights: dict[Any, float]) -> dict[int, float]:
        """Replace the labels in weights by their numbers."""
        known = list(as_words(self.classes_))
        named = dict(zip(as_words(np.array(list(weights), dtype="object")), weights.values(), strict=True))
        if strange := [name for name in named if name not in known]:
            names = ", ".join(known)
            raise ValueError(f"class_weight: no such class {', '.join(strange)}; there are {names}")
        return {known.index(name): weight for name, weight in named.items()}


class RegressorAdapter(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts one float64 for each row."""

    def __init__(self, estimator: Any) -> None:
        """Take the model, not fitted."""
        self.estimator = estimator

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "RegressorAdapter":
        """Fit a copy of the model to n rows and their values; without weights, all rows count the same."""
        self.estimator_ = deepcopy(self.estimator)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.estimator_.fit(X, y, **weights)
        _forget_when(self.estimator_)
        return self

    def predict(self, X: Any) -> "np.ndarray[Any, Any]":
        """Return n values; some libraries return a table of n x 1, or numbers of half the precision."""
        return np.asarray(self.estimator_.predict(X), dtype="float64").reshape(len(X))
