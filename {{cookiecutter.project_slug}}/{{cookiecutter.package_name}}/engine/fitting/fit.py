"""A model is fitted, and an error of its class is described in a line."""

import re
import sys
import traceback
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..base.errors import UserError
from ..base.paths import PACKAGE
from ..params import Params
from .threshold import is_thresholded

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from ..split.rows import Rows

FEW = 10  # rows of a class from which scikit-learn draws a tenth, which is its default
# what scikit-learn says where it cannot draw rows of each class
NOT_DRAWN = re.compile(r"least populated class|the number of classes")
_fitted: "WeakSet[Pipeline]" = WeakSet()


def fit(model: "Pipeline", rows: "Rows") -> None:
    """Fit a model to rows, with their weights, and choose its decision threshold, if it is to have one.

    Args:
        model: fitted in place.
        rows: to learn from.

    Raises:
        Exception: whatever the model raises; a ValueError names the columns that no row has a value of, and
            the classes that have too few rows.
    """
    from .choosing import fit_with_threshold
    from .weights import fit_weighted

    try:
        if is_thresholded(model.steps[-1][1]):
            fit_with_threshold(model, rows.features, rows.target, rows.weight, rows.folds)
        else:
            fit_weighted(model, rows.features, rows.target, rows.weight)
    except ValueError as error:
        explain(error, rows.features, rows.target)
        raise
    _fitted.add(model)


def check_fitted(model: "Pipeline", params: Params) -> None:
    """Check that a model was fitted by `fit`, if params.yaml asks for what nothing else does.

    Raises:
        UserError: it was not.
    """
    if model not in _fitted and (params.data.weight is not None or params.model.threshold is not None):
        keys = "data.weight and model.threshold"
        raise UserError(
            f"{PACKAGE}/stages/train.py: {keys} need `fit(model, train)`, of {PACKAGE}.engine.fitting.fit"
        )


def explain(error: BaseException, rows: "pd.DataFrame", target: "NDArray[Any]") -> None:
    """Have an error of a model name the columns, or the classes, that it comes from: not every model does."""
    if not isinstance(error, ValueError):
        return
    if empty := [name for name in rows.columns if rows[name].isna().all()]:
        names = ", ".join(map(repr, empty))
        error.args = (f"no training row has a value of {names}: put it into data.columns.drop ({error})",)
    elif NOT_DRAWN.search(str(error)) and (few := _few(target)):
        error.args = (f"it draws no rows of classes that have so few: {few}; set its early stopping off",)


def _few(target: "NDArray[Any]") -> str:
    """Name the classes of few rows, and how many these are."""
    import numpy as np

    from ..table.cells import as_words

    labels, counts = np.unique(target, return_counts=True)
    pairs = zip(as_words(labels), counts, strict=True)
    return ", ".join(f"{name!r} ({count})" for name, count in pairs if count < FEW)


def describe_error_in(cls: type, error: BaseException) -> str:
    """Describe in a line what a class raised, and where, if it is one of this package."""
    what, module = describe_error(error), cls.__module__
    if not module.startswith(f"{PACKAGE}."):
        return what
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == sys.modules[module].__file__]
    return f"{module.replace('.', '/')}.py:{lines[-1]}: {what}" if lines else what


def describe_error(error: BaseException) -> str:
    """Describe in a line what was raised."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    text = str(error).strip().split("\n")[0][:300]
    plain = text and isinstance(error, (ValueError, ImportError))
    return text if plain else f"{type(error).__name__}: {text}"
