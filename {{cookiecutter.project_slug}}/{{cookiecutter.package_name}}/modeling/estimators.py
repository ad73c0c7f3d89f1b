"""A model is checked before any work, and made with the pipeline round it."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..params import Columns, Features, Model, params_error
from ..yamlfile import nearest
from . import libraries
from .classes import KNOWN, check_rerun, find_class
from .features import for_any_model, for_gradient_boosting
from .fitting import fault_in, said

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline


def check_model(model: Model) -> None:
    """Check the model's type, and the names and values of its parameters.

    Raises:
        UserError: an unknown type; a parameter that it does not have or a value it does not take.
    """
    for block in model.blocks:
        if block not in KNOWN and block != model.type and "." not in block:
            raise params_error(("model", block), f"no such model type; {nearest(block, KNOWN)}")
    check_rerun(type(build_estimator(model)))


def build_estimator(model: Model) -> "BaseEstimator":
    """Make the model, not fitted, with its parameters from params.yaml.

    Raises:
        UserError: as `check_model`.
    """
    cls = find_class(model.type)
    with _asked(cls):
        return _made(cls, model)


@contextmanager
def _asked(cls: type) -> Iterator[None]:
    """Make a UserError of whatever a class raises, which may be one of your own."""
    try:
        yield
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        from sklearn.base import MetaEstimatorMixin

        why = fault_in(cls, error)
        if issubclass(cls, MetaEstimatorMixin):
            why += "; if it needs another model, give it one in a class of your own: see docs/models.md"
        raise params_error(("model", "type"), f"{cls.__name__} cannot be used: {why}") from None


def _made(cls: Any, model: Model) -> "BaseEstimator":
    from sklearn.utils import get_tags

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
    kind = get_tags(estimator).estimator_type  # a class of your own need not say
    if kind not in (None, "{{ 'classifier' if cookiecutter.task == 'classification' else 'regressor' }}"):
        raise params_error(("model", "type"), f"{cls.__name__} is no {{ 'classifier' if cookiecutter.task == 'classification' else 'regressor' }}, but a {kind}")
    try:
        if hasattr(estimator, "_parameter_constraints"):  # scikit-learn's own check of values, made by fit()
            estimator._validate_params()
    except ValueError as error:
        name = next((n for n in model.parameters if f"{n!r} parameter" in str(error)), "")
        raise params_error(("model", model.type, name), said(error)) from None
    estimator.get_params()  # is asked for later
    return estimator


def build_pipeline(columns: Columns, features: Features, model: Model) -> "Pipeline":
    """Make the whole model, not fitted: from a table of raw rows to predictions."""
    from sklearn.pipeline import Pipeline

    estimator, prepare = build_estimator(model), for_any_model
    with _asked(type(estimator)):
        if "categorical_features" in estimator.get_params():
            first, prepare = len(columns.numeric), for_gradient_boosting
            estimator.set_params(categorical_features=list(range(first, first + len(columns.categorical))))
        return Pipeline([("features", prepare(columns, features)), ("model", _adapted(estimator))])


def _adapted(estimator: "BaseEstimator") -> "BaseEstimator":
{%- if cookiecutter.task == 'classification' %}
    """Put the adapter round a model of another library, or of your own.

    Round one of scikit-learn's only if it weighs classes: version 1.9 takes weights neither for text that
    looks like numbers (issue 34883) nor, in gradient boosting, for any labels but 0 to k-1.
    """
{%- else %}
    """Put the adapter round a model of another library, or of your own."""
{%- endif %}
    from .adapter import Adapter

    cls = type(estimator)
{%- if cookiecutter.task == 'classification' %}
    weighted = getattr(estimator, "class_weight", None) is not None
    if cls.__module__.startswith("sklearn.") and not weighted:
        return estimator
    return Adapter(estimator, encode=weighted or any(library.encode for library in libraries.of(cls)))
{%- else %}
    return estimator if cls.__module__.startswith("sklearn.") else Adapter(estimator)
{%- endif %}
