"""The only access to the project's own half: its modules, imported by name when they are needed.

The Protocols state what the engine needs of them; the project's tests check that with mypy. Literal values
(names, directions) are read from a module's source, since importing it would import its libraries.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from .base.paths import CODE, PACKAGE
from .params import Columns, Params, read_params

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline


class ParamsModule(Protocol):
    """`params.py`: the type of params.yaml."""

    @property
    def Params(self) -> type[Params]:
        """The class."""


class Models(Protocol):
    """`models.py`: the short names of model types, and the whole model."""

    @property
    def SHORT_NAMES(self) -> Mapping[str, str]:
        """The import path of each type's class, by short name."""

    def build(self, params: Any, columns: Columns) -> "Pipeline":
        """Return the whole model, not fitted."""


class Metrics(Protocol):
    """`metrics.py`: what is measured, and which way is better."""

    @property
    def GREATER_IS_BETTER(self) -> Mapping[str, bool]:
        """The direction of each metric, by the metric's name."""

    def score(self, predictions: "pd.DataFrame") -> Mapping[str, float]:
        """Return the metrics of a table that `judging.prediction.predict` made, by name."""

    def baseline(self) -> "BaseEstimator":
        """Return a model that ignores the features, not fitted."""


class Gates(Protocol):
    """`gates.py`: what a model must pass."""

    @property
    def GATES(self) -> Sequence[Callable[[Any], Iterable[Any]]]:
        """Functions that take a `judging.candidate.Candidate` and return its `Gate`s."""


def params_type() -> type[Params]:
    """Return the project's class of params.yaml."""
    return cast(ParamsModule, import_module(f"{PACKAGE}.params")).Params


def load_params() -> Params:
    """Read params.yaml in the current folder, as `params.read_params` does.

    Raises:
        UserError: params.yaml has mistakes; the message has a line for each.
    """
    return read_params(params_type())


def models() -> Models:
    """Return the project's `models`."""
    return cast(Models, import_module(f"{PACKAGE}.models"))


def metrics() -> Metrics:
    """Return the project's `metrics`."""
    return cast(Metrics, import_module(f"{PACKAGE}.metrics"))


def gates() -> Gates:
    """Return the project's `gates`."""
    return cast(Gates, import_module(f"{PACKAGE}.gates"))


def short_names() -> dict[str, str]:
    """Return the import path of each model type's class, by short name."""
    return dict(_value("models", "SHORT_NAMES"))


def greater_is_better() -> dict[str, bool]:
    """Return, for each metric by name, whether a greater value is better."""
    return dict(_value("metrics", "GREATER_IS_BETTER"))


@lru_cache
def _value(module: str, name: str) -> Any:
    """Return the value of a name in a module: the literal in the source or, if it is computed, by import."""
    path = CODE / f"{module}.py"
    try:
        source = path.read_text(encoding="utf-8")
    except OSError:  # on a cluster's worker it is in a zip file
        source = ""
    tree = ast.parse(source, str(path))
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    for node in tree.body if len(uses) == 1 else ():  # else something may be added to the literal
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(getattr(node, "value", None) or "")
            except (ValueError, TypeError, SyntaxError):
                break  # it is computed
    return getattr(import_module(f"{PACKAGE}.{module}"), name)
