"""Which model types have a short name, and the pipeline round an estimator."""

from sklearn.pipeline import Pipeline

from .engine.fitting.estimators import adapted, build_estimator, takes_categories
from .engine.params import Columns
from .features import for_any_model, for_gradient_boosting
from .params import Params

# `model.type` in params.yaml is one of these, or the import path of any scikit-learn-compatible class
SHORT_NAMES = {
    "hist_gradient_boosting": "sklearn.ensemble.HistGradientBoostingClassifier",
    "random_forest": "sklearn.ensemble.RandomForestClassifier",
    "logistic_regression": "sklearn.linear_model.LogisticRegression",
}


def build(params: Params, columns: Columns) -> Pipeline:
    """Make the whole model, not fitted: from a table of raw rows to predictions."""
    estimator = build_estimator(params, columns)
    prepare = for_gradient_boosting if takes_categories(estimator) else for_any_model
    features = prepare(columns, params.features)
    return Pipeline([("features", features), ("model", adapted(estimator, params))])
