"""What is measured. A metric that `score` computes has its direction in GREATER_IS_BETTER."""

import pandas as pd
{%- if cookiecutter.task == 'classification' %}
from sklearn import metrics
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from .engine.judging.prediction import Labels

GREATER_IS_BETTER = {
    "accuracy": True,
    "balanced_accuracy": True,
    "f1_macro": True,
    "roc_auc": True,
    "average_precision": True,
    "log_loss": False,
}


def score(predictions: pd.DataFrame) -> dict[str, float]:
    """Compute the metrics of n predictions; one that these rows do not allow is left out.

    `f1_macro` and `balanced_accuracy` are unweighted means over the classes, `roc_auc` and
    `average_precision` the means of each class against the rest (scikit-learn's definitions:
    https://scikit-learn.org/stable/modules/model_evaluation.html). Of two classes, `average_precision` is
    that of the rarer one in these rows; by chance it would be that class's share of them.

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
        curves = {k: (actual == k, labels.probability.iloc[:, k]) for k in known}
        areas = [metrics.roc_auc_score(*curve) for curve in curves.values()]
        precisions = [metrics.average_precision_score(*curves[k]) for k in labels.positive]
        values["roc_auc"] = sum(areas) / len(areas)
        values["average_precision"] = sum(precisions) / len(precisions)
    return values


def baseline() -> BaseEstimator:
    """Make the model that knows nothing but how frequent each class is."""
    return DummyClassifier(strategy="prior")
{%- else %}
from sklearn import metrics
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor

GREATER_IS_BETTER = {"rmse": False, "mae": False, "r2": True}


def score(predictions: pd.DataFrame) -> dict[str, float]:
    """Compute the metrics of n predictions; one that these rows do not allow is left out.

    `rmse` and `mae` are in the target's unit, `r2` has none (scikit-learn's definitions:
    https://scikit-learn.org/stable/modules/model_evaluation.html).

    Args:
        predictions: n rows of `actual` and `predicted` values.
    """
    actual, predicted = predictions["actual"], predictions["predicted"]
    values = {
        "rmse": metrics.root_mean_squared_error(actual, predicted),
        "mae": metrics.mean_absolute_error(actual, predicted),
    }
    if len(actual) > 1:
        values["r2"] = metrics.r2_score(actual, predicted)
    return values


def baseline() -> BaseEstimator:
    """Make the model that knows nothing but the target's mean."""
    return DummyRegressor()
{%- endif %}
