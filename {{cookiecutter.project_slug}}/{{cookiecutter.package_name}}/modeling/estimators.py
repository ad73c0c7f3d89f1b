"""Which models there are, checked before any work, and the pipeline round one."""

import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

from ..params import Columns, Features, Model, params_error
from ..yamlfile import nearest
from .features import for_any_model, for_gradient_boosting

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

{% if cookiecutter.task == 'classification' -%}
SHORT_NAMES = {
    "hist_gradient_boosting": "sklearn.ensemble.HistGradientBoostingClassifier",
    "random_forest": "sklearn.ensemble.RandomForestClassifier",
    "logistic_regression": "sklearn.linear_model.LogisticRegression",
}
{%- else -%}
SHORT_NAMES = {
    "hist_gradient_boosting": "sklearn.ensemble.HistGradientBoostingRegressor",
    "random_forest": "sklearn.ensemble.RandomForestRegressor",
    "ridge": "sklearn.linear_model.Ridge",
}
{%- endif %}


def check_model(model: Model) -> None:
    """Check the model's type, and the names and values of its parameters.

    Raises:
        UserError: an unknown type; a parameter that it does not have or a value it does not take.
    """
    for block in model.blocks:
        if block not in SHORT_NAMES and "." not in block:
            raise params_error(("model", block), f"no such model type; {nearest(block, list(SHORT_NAMES))}")
    build_estimator(model)


def build_estimator(model: Model) -> "BaseEstimator":
    """Make the model, not fitted, with its parameters from params.yaml.

    Raises:
        UserError: as `check_model`.
    """
    from sklearn.base import {% if cookiecutter.task == 'classification' %}is_classifier{% else %}is_regressor{% endif %}

    cls = _estimator_class(model.type)
    known = [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs")]
    free = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(cls).parameters.values())
    for name in model.parameters:
        if name not in known and not free:
            raise params_error(
                ("model", model.type, name), f"{cls.__name__} has no such parameter; {nearest(name, known)}"
            )
    if "categorical_features" in model.parameters:
        raise params_error(
            ("model", model.type, "categorical_features"), "is set from data.columns.categorical; delete it"
        )
    try:
        estimator: BaseEstimator = cls(**model.parameters)
    except (TypeError, ValueError) as error:
        raise params_error(("model", "type"), f"{cls.__name__} cannot be made: {error}") from None
    if not {% if cookiecutter.task == 'classification' %}is_classifier{% else %}is_regressor{% endif %}(estimator):
        raise params_error(("model", "type"), f"{cls.__name__} is no {% if cookiecutter.task == 'classification' %}classifier{% else %}regressor{% endif %}")
    # scikit-learn's own check of values, which fit() would make; other libraries may not have it
    check = getattr(estimator, "_validate_params", None)
    try:
        if check is not None:
            check()
    except ValueError as error:
        name = next((n for n in model.parameters if f"{n!r} parameter" in str(error)), "")
        raise params_error(("model", model.type, name), str(error)) from None
    return estimator


def build_pipeline(columns: Columns, features: Features, model: Model) -> "Pipeline":
    """Make the whole model, not fitted: from a table of raw rows to predictions."""
    from sklearn.pipeline import Pipeline

    estimator = build_estimator(model)
    if "categorical_features" not in estimator.get_params():
        return Pipeline([("features", for_any_model(columns, features)), ("model", estimator)])
    first = len(columns.numeric)
    estimator.set_params(categorical_features=list(range(first, first + len(columns.categorical))))
    return Pipeline([("features", for_gradient_boosting(columns, features)), ("model", estimator)])


def _estimator_class(type_: str) -> Any:
    """Find the class behind a short name or an import path."""
    path = SHORT_NAMES.get(type_, type_)
    allowed = f"{nearest(type_, list(SHORT_NAMES))}, or an import path such as {SHORT_NAMES['random_forest']}"
    if "." not in path:
        raise params_error(("model", "type"), f"no such model type {type_!r}; {allowed}")
    try:
        cls = pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise params_error(("model", "type"), f"{type_!r} cannot be imported ({error}); {allowed}") from None
    if not (inspect.isclass(cls) and hasattr(cls, "fit") and hasattr(cls, "predict")):
        raise params_error(("model", "type"), f"{type_!r} is no scikit-learn estimator; {allowed}")
    return cls
