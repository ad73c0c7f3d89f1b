"""Checking a model before any work, and making it."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import project
from ..base.errors import UserError
from ..base.yaml import nearest
from ..blocks.checking import params_error
from ..params import Columns, Params
from . import libraries
from .classes import find_class, known_types
from .fit import describe_error_in
from .importing import describe_error
from .threshold import check_threshold, with_threshold

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def check_model(params: Params) -> None:
    """Check the model's type, the names and values of its parameters, and whether it can have the threshold.

    Raises:
        UserError: the type is unknown; it does not have a parameter, or does not take a value; or it cannot
            have the threshold or the row weights.
    """
    model, known = params.model, known_types()
    for block in model.blocks:
        if block not in known and block != model.type and "." not in block:
            raise params_error(("model", block), f"no such model type; {nearest(block, known)}")
    estimator = build_estimator(params, Columns())
    check_threshold(estimator, params)
    check_weight(estimator, params)


def build_estimator(params: Params, columns: Columns) -> "BaseEstimator":
    """Make the model, not fitted, with its parameters from params.yaml.

    Args:
        params: the parameters with the model.
        columns: the role of each column. A model that splits on categories is told which columns these are:
            the ones after the numeric columns.

    Raises:
        UserError: for the same reasons as `check_model`.
    """
    cls = find_class(params.model.type, params.data.task)
    with _asked(cls):
        estimator = _made(cls, params)
        if takes_categories(estimator):
            first = len(columns.numeric)
            estimator.set_params(categorical_features=list(range(first, first + len(columns.categorical))))
        return estimator


@contextmanager
def _asked(cls: type) -> Iterator[None]:
    """Turn whatever a class raises into a UserError; the class may be one of your own."""
    try:
        yield
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        from sklearn.base import MetaEstimatorMixin

        why = describe_error_in(cls, error)
        if issubclass(cls, MetaEstimatorMixin):
            why += "; if it needs another model, give it one in a class of your own: see docs/models.md"
        raise params_error(("model", "type"), f"{cls.__name__} cannot be used: {why}") from None


def _made(cls: Any, params: Params) -> "BaseEstimator":
    from sklearn.utils import get_tags

    model = params.model
    takes = inspect.signature(cls).parameters
    known = [name for name in takes if name not in ("args", "kwargs")]
    if any(p.kind is p.VAR_KEYWORD for p in takes.values()):
        known = libraries.names(cls, known)
    for name in model.parameters:
        if known and name not in known:
            raise params_error(
                ("model", model.type, name), f"{cls.__name__} has no such parameter; {nearest(name, known)}"
            )
    if "categorical_features" in model.parameters:
        raise params_error(
            ("model", model.type, "categorical_features"), "is set from data.columns.categorical; delete it"
        )
    estimator: BaseEstimator = cls(**libraries.parameters(cls, known, model.parameters))
    kind = get_tags(estimator).estimator_type  # a class of your own need not have one
    needed = "classifier" if params.data.task == "classification" else "regressor"
    if kind not in (None, needed) and model.type in project.short_names():
        other = "regression" if needed == "classifier" else "classification"
        raise params_error(
            ("data", "task"),
            f"is {params.data.task}, but models.py, metrics.py and plots.py are for {other}: bake a project "
            f"with task={params.data.task}, or set data.task back to {other}",
        )
    if kind not in (None, needed):
        raise params_error(("model", "type"), f"{cls.__name__} is not a {needed}, but a {kind}")
    try:
        # scikit-learn's own check of values, which `fit` makes
        if hasattr(estimator, "_parameter_constraints"):
            estimator._validate_params()
    except ValueError as error:
        name = next((n for n in model.parameters if f"{n!r} parameter" in str(error)), "")
        raise params_error(("model", model.type, name), describe_error(error)) from None
    estimator.get_params()  # it is called again later, and its mistakes shall show here
    return estimator


def takes_categories(estimator: "BaseEstimator") -> bool:
    """Tell whether a model splits on categories natively: `build_estimator` has told it which they are."""
    return "categorical_features" in estimator.get_params()


def check_weight(estimator: "BaseEstimator", params: Params) -> None:
    """Check that a model takes row weights, if there are any.

    Raises:
        UserError: it does not take them.
    """
    from sklearn.utils.validation import has_fit_parameter

    from .weights import WEIGHT

    if params.data.weight is not None and not has_fit_parameter(estimator, WEIGHT):
        why = f"{type(estimator).__name__} takes no row weights; use another model type, or set it to null"
        raise params_error(("data", "weight"), why)


def adapted(estimator: "BaseEstimator", params: Params) -> "BaseEstimator":
    """Put the adapter around a model that needs one, and the threshold, if there is one, around both."""
    return with_threshold(_adapted(estimator, params), params)


def _adapted(estimator: "BaseEstimator", params: Params) -> "BaseEstimator":
    """Put the adapter around a model of another library, or one of your own.

    A classifier of scikit-learn gets it only if it weighs classes or stops early: version 1.9 takes class
    weights neither for text that looks like numbers (issue 34883) nor, in gradient boosting, for any labels
    but 0 to k-1, and it stops early only if each class has enough rows.
    """
    from .adapter import ClassifierAdapter, RegressorAdapter
    from .early_stopping import stops_early

    cls = type(estimator)
    foreign = not cls.__module__.startswith("sklearn.")
    if params.data.task == "regression":
        return RegressorAdapter(estimator) if foreign else estimator
    weighted = getattr(estimator, "class_weight", None) is not None
    stops = stops_early(estimator)
    if not (foreign or weighted or stops):
        return estimator
    encode = weighted or stops or any(library.encode for library in libraries.of(cls))
    return ClassifierAdapter(estimator, encode=encode)
