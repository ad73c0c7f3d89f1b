"""Which models there are, checked before any work, and the pipeline round one."""

import inspect
import pkgutil
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import yamlfile
from ..params import Columns, Features, Model, params_error
from ..yamlfile import nearest
from . import libraries
from .features import for_any_model, for_gradient_boosting
from .libraries import LIBRARIES

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
KNOWN = [*SHORT_NAMES, *LIBRARIES]
PROJECT = "{{ cookiecutter.package_name }}"
PACKAGE = __name__.split(".")[0]  # another name on a cluster's workers


def check_model(model: Model) -> None:
    """Check the model's type, and the names and values of its parameters.

    Raises:
        UserError: an unknown type; a parameter that it does not have or a value it does not take.
    """
    for block in model.blocks:
        if block not in KNOWN and block != model.type and "." not in block:
            raise params_error(("model", block), f"no such model type; {nearest(block, KNOWN)}")
    _check_rerun(type(build_estimator(model)))


def build_estimator(model: Model) -> "BaseEstimator":
    """Make the model, not fitted, with its parameters from params.yaml.

    Raises:
        UserError: as `check_model`.
    """
    from sklearn.utils import get_tags

    cls = _estimator_class(model.type)
    known = [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs")]
    if any(p.kind is p.VAR_KEYWORD for p in inspect.signature(cls).parameters.values()):
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
    try:
        estimator: BaseEstimator = cls(**libraries.parameters(cls, known, model.parameters))
    except Exception as error:  # whatever a class makes of its parameters
        raise params_error(("model", "type"), f"{cls.__name__} cannot be made: {error}") from None
    kind = get_tags(estimator).estimator_type  # a class of your own need not say
    if kind not in (None, "{{ 'classifier' if cookiecutter.task == 'classification' else 'regressor' }}"):
        raise params_error(("model", "type"), f"{cls.__name__} is no {{ 'classifier' if cookiecutter.task == 'classification' else 'regressor' }}, but a {kind}")
    try:
        if hasattr(estimator, "_parameter_constraints"):  # scikit-learn's own check of values, made by fit()
            estimator._validate_params()
    except ValueError as error:
        name = next((n for n in model.parameters if f"{n!r} parameter" in str(error)), "")
        raise params_error(("model", model.type, name), str(error)) from None
    return estimator


def build_pipeline(columns: Columns, features: Features, model: Model) -> "Pipeline":
    """Make the whole model, not fitted: from a table of raw rows to predictions."""
    from sklearn.pipeline import Pipeline

    estimator, prepare = build_estimator(model), for_any_model
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


def fault(error: BaseException, model: "Pipeline") -> str:
    """Say in a line why a fit failed, and where, if it was in a class of this package."""
    from .adapter import inner

    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    said = str(error).strip().split("\n")[0][:300]
    what = said if said and isinstance(error, ValueError) else f"{type(error).__name__}: {said}"
    module = type(inner(model)).__module__
    if not module.startswith(f"{PACKAGE}."):
        return what
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == sys.modules[module].__file__]
    return f"{module.replace('.', '/')}.py:{lines[-1]}: {what}" if lines else what


def _estimator_class(type_: str) -> Any:
    """Find the class behind a short name or an import path."""
    library = LIBRARIES.get(type_.split(".")[0])
    path = library.path if library and type_ in LIBRARIES else SHORT_NAMES.get(type_, type_)
    allowed = f"{nearest(type_, KNOWN)}, or an import path such as {SHORT_NAMES['random_forest']}"
    if "." not in path:
        takes = "; ".join(f"{name} takes {library}" for name, library in LIBRARIES.items())
        raise params_error(("model", "type"), f"no such model type {type_!r}; {allowed}; {takes}")
    root, _, rest = path.partition(".")
    try:
        cls = pkgutil.resolve_name(f"{PACKAGE if root == PROJECT else root}.{rest}")
    except Exception as error:  # a module of your own may raise anything
        how = f"it takes {library}" if library and getattr(error, "name", "") == root else allowed
        reason = f"{error}".split("\n")[0] or type(error).__name__
        raise params_error(("model", "type"), f"{type_!r} cannot be imported ({reason}); {how}") from None
    if not (inspect.isclass(cls) and all(hasattr(cls, name) for name in ("fit", "predict", "get_params"))):
        raise params_error(
            ("model", "type"),
            f"{type_!r} is no scikit-learn estimator, which has sklearn.base.BaseEstimator among its bases, "
            f"and fit and predict; {allowed}",
        )
    return cls


def _check_rerun(cls: type) -> None:
    """Check that DVC knows of a class of this package, so that a change of it is a change of the model.

    Raises:
        UserError: its module is not among the `deps` of train and evaluate.
    """
    dvc, root, *names = Path("dvc.yaml"), *cls.__module__.split(".")
    if root != PACKAGE or not dvc.is_file():
        return
    module, stages = f"{'/'.join([root, *names])}.py", yamlfile.read_yaml(dvc)["stages"]
    for stage in ("train", "evaluate"):
        if module not in stages[stage]["deps"]:
            raise params_error(
                ("model", "type"),
                f"add {module} to the `deps` of {stage} in {dvc}, so that a change of it runs the stage",
            )
