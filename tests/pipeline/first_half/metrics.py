"""What is measured. A metric that `score` computes has its direction in GREATER_IS_BETTER."""

import pandas as pd
from sklearn import metrics
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from .engine.judging.prediction import Labels

GREATER_IS_BETTER = {
    "accuracy": True,
    "balanced_accuracy": True,
    "f1_macro": True,
    "roc_auc": True,
    "log_loss": False,
}


def score(predictions: pd.DataFrame) -> dict[str, float]:
    """Compute the metrics of n predictions; one that these rows do not allow is left out.

    `f1_macro` and `balanced_accuracy` are unweighted means over the classes, `roc_auc` the mean of
    each class against the rest (scikit-learn's definitions:
    https://scikit-learn.org/stable/modules/model_evaluation.html).

    Args:
        predictions: n rows of `actual` and `predicted` labels, and, if the model gives probabilities, a
            column `probability_CLASS` for each class.
    """
    labels = Labels.of(predictions)  # as numbers
    actual, predicted, occurring, known = labels.actual, labels.predicted, labels.occurring, labels.known
    values = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "balanced_accuracy": metrics.recall_score(
            actual, predicted, labels=occurring, average="macro", zero_division=0
        ),
        "f1_macro": metrics.f1_score(actual, predicted, average="macro", zero_division=0),
    }
    if len(known) > 1 and set(occurring) <= set(known):
        values["log_loss"] = metrics.log_loss(actual, labels.probability, labels=known)
    if len(known) > 1 and occurring == known:  # a class without rows has no curve
        areas = [metrics.roc_auc_score(actual == k, labels.probability.iloc[:, k]) for k in known]
        values["roc_auc"] = sum(areas) / len(areas)
    return values


def baseline() -> BaseEstimator:
    """Make the model that knows nothing but how frequent each class is."""
    return DummyClassifier(strategy="prior")
