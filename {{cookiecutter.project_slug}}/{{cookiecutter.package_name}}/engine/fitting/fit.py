"""A model is fitted, and what goes wrong in its class is told in a line."""

import sys
import traceback
from typing import TYPE_CHECKING, Any

from ..base.paths import PACKAGE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline


def fit(model: "Pipeline", rows: "pd.DataFrame", target: "NDArray[Any]") -> None:
    """Fit a model to n rows and what there is to learn of each.

    Raises:
        Exception: whatever the model raises; a ValueError names the columns that no row has a value of.
    """
    try:
        model.fit(rows, target)
    except ValueError as error:
        name_empty_columns(error, rows)
        raise


def name_empty_columns(error: BaseException, rows: "pd.DataFrame") -> None:
    """Have an error name the columns that no row has a value of: not every model does."""
    if isinstance(error, ValueError) and (
        empty := [name for name in rows.columns if rows[name].isna().all()]
    ):
        names = ", ".join(map(repr, empty))
        error.args = (f"no training row has a value of {names}: put it into data.columns.drop ({error})",)


def fault_in(cls: type, error: BaseException) -> str:
    """Say in a line what a class raised, and where, if it is one of this package."""
    what, module = said(error), cls.__module__
    if not module.startswith(f"{PACKAGE}."):
        return what
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == sys.modules[module].__file__]
    return f"{module.replace('.', '/')}.py:{lines[-1]}: {what}" if lines else what


def said(error: BaseException) -> str:
    """Say in a line what was raised."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    text = str(error).strip().split("\n")[0][:300]
    plain = text and isinstance(error, (ValueError, ImportError))
    return text if plain else f"{type(error).__name__}: {text}"
