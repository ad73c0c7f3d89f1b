"""How predictions are judged. A metric added to `score` gets its direction in GREATER_IS_BETTER."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

{% if cookiecutter.task == 'classification' -%}
from ..cells import read_back
from ..data.types import as_words
{% endif -%}
from ..params import Params, params_error
from ..yamlfile import nearest

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

{% if cookiecutter.task == 'classification' -%}
GREATER_IS_BETTER = {
    "accuracy": True,
    "balanced_accuracy": True,
    "f1_macro": True,
    "roc_auc": True,
    "log_loss": False,
}
PROBABILITY = "probability_"  # before a class's name, the column of its probability
# scikit-learn's models that predict the class they find likeliest; others need not, say with a threshold
LIKELIEST = ("HistGradientBoostingClassifier", "LogisticRegression", "RandomForestClassifier")
{%- else -%}
GREATER_IS_BETTER = {"rmse": False, "mae": False, "r2": True}
{%- endif %}


def check_metrics(params: Params) -> None:
    """Check the metrics that params.yaml names.

    Raises:
        UserError: there is no such metric, or there are no groups to hold it in.
    """
    named: list[tuple[tuple[str | int, ...], str]]
    named = [(("evaluate", "primary_metric"), params.evaluate.primary_metric)]
    by_group = ("group_thresholds", "max_spread")
    for gate in ("thresholds", *by_group):
        named += [(("register", gate, name), name) for name in getattr(params.register_, gate)]
        if gate in by_group and getattr(params.register_, gate) and not params.evaluate.groups:
            raise params_error(("register", gate), "there are no groups; list columns under evaluate.groups")
    for key, name in named:
        if name not in GREATER_IS_BETTER:
            raise params_error(key, f"no such metric {name!r}; {nearest(name, list(GREATER_IS_BETTER))}")

{% if cookiecutter.task == 'classification' %}
def predict(model: "BaseEstimator", rows: "pd.DataFrame", actual: "pd.Series") -> "pd.DataFrame":
    """Predict n rows.

    Returns:
        n rows: the `actual` label, the `predicted` one, both as text, and, if the model gives probabilities,
        one column `probability_CLASS` for each class it knows.
    """
    import pandas as pd

    if not hasattr(model, "predict_proba"):
        return pd.DataFrame({"actual": actual.to_numpy(), "predicted": as_words(model.predict(rows))})
    probability, classes = model.predict_proba(rows), as_words(model.classes_)
    likeliest = _predicts_the_likeliest(model)
    predicted = classes.take(probability.argmax(axis=1)) if likeliest else as_words(model.predict(rows))
    table = pd.DataFrame({"actual": actual.to_numpy(), "predicted": predicted.to_numpy()})
    return table.join(pd.DataFrame(probability, columns=[f"{PROBABILITY}{name}" for name in classes]))


def _predicts_the_likeliest(model: "BaseEstimator") -> bool:
    """Tell whether a model's labels are known to follow from its probabilities, so that one pass will do."""
    from .adapter import inner

    kind = type(inner(model))
    return kind.__module__.startswith("sklearn.") and kind.__name__ in LIKELIEST


def quality(model: "BaseEstimator", rows: "pd.DataFrame", actual: "pd.Series") -> float:
    """Measure a model by one number for which it need give no probabilities: the accuracy, 0 to 1."""
    return float((as_words(model.predict(rows)).to_numpy() == actual.to_numpy()).mean())


def read_predictions(path: Path) -> "pd.DataFrame":
    """Read the table of `predict` from CSV."""
    import pandas as pd

    labels = dict.fromkeys(("actual", "predicted"), "str")
    table = pd.read_csv(path, dtype=labels, keep_default_na=False)
    return table.assign(**{side: read_back(table[side]) for side in labels})


def score(predictions: "pd.DataFrame") -> dict[str, float]:
    """Compute the metrics of `predict`'s table; one that these rows do not allow is left out.

    `f1_macro` and `balanced_accuracy` are unweighted means over the classes, `roc_auc` the mean of
    each class against the rest (scikit-learn's definitions:
    https://scikit-learn.org/stable/modules/model_evaluation.html).
    """
    import pandas as pd
    from sklearn import metrics

    probability = predictions.filter(regex=f"^{PROBABILITY}")
    classes = [name.removeprefix(PROBABILITY) for name in probability.columns]
    labels = {label for side in ("actual", "predicted") for label in predictions[side].unique()}
    # numbers instead of labels, once: to compare hundreds of thousands of words takes seconds
    coded = [*classes, *sorted(labels - set(classes))]
    actual, predicted = (
        pd.Categorical(predictions[side], categories=coded).codes.astype("int64")
        for side in ("actual", "predicted")
    )
    occurring = sorted(set(actual))
    values = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "balanced_accuracy": metrics.recall_score(
            actual, predicted, labels=occurring, average="macro", zero_division=0
        ),
        "f1_macro": metrics.f1_score(actual, predicted, average="macro", zero_division=0),
    }
    known = list(range(len(classes)))
    if len(classes) > 1 and set(occurring) <= set(known):
        values["log_loss"] = metrics.log_loss(actual, probability, labels=known)
    if len(classes) > 1 and occurring == known:  # a class without rows has no curve
        areas = [metrics.roc_auc_score(actual == code, probability.iloc[:, code]) for code in known]
        values["roc_auc"] = sum(areas) / len(areas)
    return _finite(values)


def baseline() -> "BaseEstimator":
    """Make the model that knows nothing but how frequent each class is."""
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")
{% else %}
def predict(model: "BaseEstimator", rows: "pd.DataFrame", actual: "pd.Series") -> "pd.DataFrame":
    """Predict n rows.

    Returns:
        n rows: the `actual` and the `predicted` value, in the target's unit.
    """
    import pandas as pd

    return pd.DataFrame({"actual": actual.to_numpy(), "predicted": model.predict(rows)})


def quality(model: "BaseEstimator", rows: "pd.DataFrame", actual: "pd.Series") -> float:
    """Measure a model by one number that has no unit: R2."""
    from sklearn.metrics import r2_score

    return float(r2_score(actual, model.predict(rows)))


def read_predictions(path: Path) -> "pd.DataFrame":
    """Read the table of `predict` from CSV."""
    import pandas as pd

    return pd.read_csv(path)


def score(predictions: "pd.DataFrame") -> dict[str, float]:
    """Compute the metrics of `predict`'s table; one that these rows do not allow is left out.

    `rmse` and `mae` are in the target's unit, `r2` has none (scikit-learn's definitions:
    https://scikit-learn.org/stable/modules/model_evaluation.html).
    """
    from sklearn import metrics

    actual, predicted = predictions["actual"], predictions["predicted"]
    values = {
        "rmse": metrics.root_mean_squared_error(actual, predicted),
        "mae": metrics.mean_absolute_error(actual, predicted),
    }
    if len(actual) > 1:
        values["r2"] = metrics.r2_score(actual, predicted)
    return _finite(values)


def baseline() -> "BaseEstimator":
    """Make the model that knows nothing but the target's mean."""
    from sklearn.dummy import DummyRegressor

    return DummyRegressor()
{% endif %}

def _finite(values: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}
