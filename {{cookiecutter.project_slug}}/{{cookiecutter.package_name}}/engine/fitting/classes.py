"""Which models there are: the class behind a model type."""

import importlib
import inspect
from typing import Any

from .. import project
from ..base.yaml import nearest
from ..blocks.checking import params_error
from .importing import describe_error, imported, renamed
from .libraries import LIBRARIES

EXAMPLES = {
    "classification": "sklearn.ensemble.RandomForestClassifier",
    "regression": "sklearn.ensemble.RandomForestRegressor",
}
NEEDED = ("fit", "predict", "get_params", "set_params", "__sklearn_tags__")


def known_types() -> list[str]:
    """List the short names of model types: the project's, and those of known libraries."""
    return [*project.short_names(), *LIBRARIES]


def find_class(type_: str, task: str) -> Any:
    """Find the class behind a short name or an import path.

    Raises:
        UserError: there is no such class, its module cannot be imported, or it is not an estimator.
    """
    library = LIBRARIES.get(type_.split(".")[0])
    path = library.path(task) if library and type_ in LIBRARIES else project.short_names().get(type_, type_)
    allowed = f"{nearest(type_, known_types())}, or an import path such as {EXAMPLES[task]}"
    if "." not in path:
        takes = "; ".join(f"{name} takes {library}" for name, library in LIBRARIES.items())
        raise params_error(("model", "type"), f"no such model type {type_!r}; {allowed}; {takes}")
    root, _, rest = path.partition(".")
    here = renamed(path)
    try:
        cls = imported(here)
    except (Exception, SystemExit) as error:  # a module of your own may raise anything
        how, reason = allowed, describe_error(error)
        missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
        if library and missing == root:
            how = f"it takes {library}"
        elif missing and not f"{here}.".startswith(f"{missing}."):
            reason, how = f"it imports {missing}, which is not installed", "install it, or correct the import"
        raise params_error(("model", "type"), f"{type_!r} cannot be imported ({reason}); {how}") from None
    if not inspect.isclass(cls):
        raise params_error(("model", "type"), f"{type_!r} is not a class; {allowed}")
    if lacks := [name for name in NEEDED if not hasattr(cls, name)]:
        own = "" if set(lacks) <= {"fit", "predict"} else "derive it from sklearn.base.BaseEstimator; "
        raise params_error(("model", "type"), f"{type_!r} has no {' and '.join(lacks)}; {own}{allowed}")
    return _local(cls) if rest.rpartition(".")[2].startswith("Dask") else cls


def _local(cls: Any) -> Any:
    """Return the plain class that belongs to one for Dask, which takes the same parameters.

    A model is an object of the plain class, which `tune` searches, too: only `train` needs the cluster.
    """
    root = cls.__module__.partition(".")[0]
    plain = getattr(importlib.import_module(root), cls.__name__.removeprefix("Dask"), None)
    if root not in ("xgboost", "lightgbm") or plain is None:
        message = f"{cls.__name__} is for Dask, and only XGBoost's and LightGBM's can be fitted on a cluster"
        raise params_error(("model", "type"), message)
    return plain
