"""Which model types have a short name, and the pipeline around an estimator."""

from sklearn.pipeline import Pipeline

from .engine.fitting.estimators import adapted, build_estimator, takes_categories
from .engine.params import Columns
from .features import for_any_model, for_gradient_boosting
from .params import Params

# `model.type` in params.yaml is one of these, or the import path of any scikit-learn-compatible class
{%- if cookiecutter.task == 'classification' %}
SHORT_NAMES = {
    "hist_gradient_boosting": "sklearn.ensemble.HistGradientBoostingClassifier",
    "random_forest": "sklearn.ensemble.RandomForestClassifier",
    "logistic_regression": "sklearn.linear_model.LogisticRegression",
}
{%- else %}
SHORT_NAMES = {
    "hist_gradient_boosting": "sklearn.ensemble.HistGradientBoostingRegressor",
    "random_forest": "sklearn.ensemble.RandomForestRegressor",
    "ridge": "sklearn.linear_model.Ridge",
}
{%- endif %}


def build(params: Params, columns: Columns) -> Pipeline:
    """Make the whole model, not fitted: from a table of raw rows to predictions."""
    estimator = build_estimator(params, columns)
    prepare = for_gradient_boosting if takes_categories(estimator) else for_any_model
    features = prepare(columns, params)
    return Pipeline([("features", features), ("model", adapted(estimator, params))])
