"""Fitting a model, and describing an error of its class in one line."""

import inspect
import re
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..base import progress
from ..base.errors import UserError, in_a_line
from ..base.paths import CODE, PACKAGE
from ..params import Params
from .importing import describe_error
from .iterations import iterations
from .threshold import is_thresholded

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from ..split.rows import Rows

FEW = 10  # rows that a class needs if a tenth of them, scikit-learn's default, is to be drawn
# what scikit-learn says if it cannot draw rows of each class
NOT_DRAWN = re.compile(r"least populated class|the number of classes")
_fitted: "WeakSet[Pipeline]" = WeakSet()


def fit(model: "Pipeline", rows: "Rows") -> None:
    """Fit a model to rows with their weights, and choose its decision threshold if it is to have one.

    Args:
        model: the pipeline, which is fitted in place.
        rows: the rows to learn from.

    Raises:
        UserError: it is not a pipeline, or one that could not be saved.
        Exception: whatever the model raises; a ValueError names the columns in which no row has a value, and
            the classes that have too few rows.
    """
    from .choosing import fit_with_threshold
    from .weights import fit_weighted

    check_pipeline(model)
    progress.tell(partial(iterations, model))
    try:
        if rows.on_cluster:
            from .on_cluster import fit_on_cluster

            fit_on_cluster(model, rows)
        elif is_thresholded(model.steps[-1][1]):
            fit_with_threshold(model, rows.held, rows.target, rows.weight, rows.folds)
        else:
            fit_weighted(model, rows.held, rows.target, rows.weight)
    except ValueError as error:
        explain(error, rows.features, rows.target)
        raise
    _fitted.add(model)


def check_pipeline(model: Any) -> None:
    """Check what `build` in the project's `models` has returned, before any time is spent on it.

    Raises:
        UserError: it is not a pipeline; or a step calls a function that cannot be found by its name, which
            loading the model requires.
    """
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline):
        raise UserError(f"{PACKAGE}/models.py: build: needs to return a Pipeline; got {in_a_line(model)}")
    functions = (value for value in model.get_params().values() if inspect.isfunction(value))
    for function in functions:
        if "<" in function.__qualname__:  # <lambda>, or outer.<locals>.inner
            path, line = Path(function.__code__.co_filename), function.__code__.co_firstlineno
            where = path.relative_to(CODE.parent).as_posix() if path.is_relative_to(CODE.parent) else path
            why = "a saved model refers to functions by name, and this one cannot be found by its name"
            raise UserError(
                f"{where}:{line}: {function.__qualname__}: {why}: "
                "write it with `def`, outside of any other function"
            )


def check_fitted(model: "Pipeline", params: Params) -> None:
    """Check that a model can be saved, and that `fit` fitted it if params.yaml requires that.

    Raises:
        UserError: it was not fitted; or for the same reasons as `check_pipeline`.
    """
    if model is None:
        where = f"{PACKAGE}/stages/train.py: save_model"
        raise UserError(
            f"{where}: gets None, not a model: `fit(model, train)` fits it in place, and returns nothing"
        )
    check_pipeline(model)
    if model not in _fitted and (params.data.weight is not None or params.model.threshold is not None):
        keys = "data.weight and model.threshold"
        raise UserError(
            f"{PACKAGE}/stages/train.py: {keys} need `fit(model, train)`, of {PACKAGE}.engine.fitting.fit"
        )


def explain(error: BaseException, rows: "pd.DataFrame", target: "NDArray[Any]") -> None:
    """Make a model's error name the columns or classes that it comes from, which not every model does."""
    if not isinstance(error, ValueError):
        return
    if empty := [name for name in rows.columns if rows[name].isna().all()]:
        names = ", ".join(map(repr, empty))
        error.args = (f"no training row has a value in {names}: put it into data.columns.drop ({error})",)
    elif NOT_DRAWN.search(str(error)) and (few := _few(target)):
        error.args = (f"it cannot draw rows of classes that have so few: {few}; turn its early stopping off",)


def _few(target: "NDArray[Any]") -> str:
    """Name the classes with few rows, and how many rows each has."""
    import numpy as np

    from ..table.cells import as_words

    labels, counts = np.unique(target, return_counts=True)
    pairs = zip(as_words(labels), counts, strict=True)
    return ", ".join(f"{name!r} ({count})" for name, count in pairs if count < FEW)


def describe_error_in(cls: type, error: BaseException) -> str:
    """Describe in a line what a class raised and, if it is in this package, where."""
    what, module = describe_error(error), cls.__module__
    if not module.startswith(f"{PACKAGE}."):
        return what
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == sys.modules[module].__file__]
    return f"{module.replace('.', '/')}.py:{lines[-1]}: {what}" if lines else what
