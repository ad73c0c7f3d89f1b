"""The only access to the project's own half: its modules, imported by name when they are needed.

The Protocols state what the engine needs from them; the project's tests check this with mypy, and `base.half`
checks that a module lacks nothing. Literal values (names, directions) are read from a module's
source, since importing it would import its libraries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from .base import half
from .base.errors import UserError
from .base.paths import PACKAGE

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

    from .params import Columns, Params


class ParamsModule(Protocol):
    """`params.py`: the type of params.yaml."""

    @property
    def Params(self) -> "type[Params]":
        """The class."""


class Models(Protocol):
    """`models.py`: the short names of model types, and the whole model."""

    @property
    def SHORT_NAMES(self) -> Mapping[str, str]:
        """The import path of each type's class, by short name."""

    def build(self, params: Any, columns: "Columns") -> "Pipeline":
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


def params_type() -> "type[Params]":
    """Return the project's class of params.yaml."""
    return cast(ParamsModule, half.module("params", "Params")).Params


def load_params() -> "Params":
    """Read params.yaml in the current folder, as `params.read_params` does.

    Raises:
        UserError: params.yaml has mistakes; the message has a line for each.
    """
    # this imports pydantic, which a `register` with nothing to do does not need
    from .params import read_params

    return read_params(params_type())


def models() -> Models:
    """Return the project's `models`."""
    return cast(Models, half.module("models", "SHORT_NAMES", "build"))


def metrics() -> Metrics:
    """Return the project's `metrics`."""
    return cast(Metrics, half.module("metrics", "GREATER_IS_BETTER", "score", "baseline"))


def gates() -> Gates:
    """Return the project's `gates`."""
    return cast(Gates, half.module("gates", "GATES"))


def stage(name: str) -> Callable[[], None]:
    """Return the function that runs a stage.

    Raises:
        UserError: its module has no `main`, or one that takes arguments.
    """
    main = half.module(f"stages.{name}", "main").main
    code = getattr(main, "__code__", None)
    if code is None or code.co_argcount or code.co_kwonlyargcount:
        from inspect import signature  # a `register` with nothing to do does not need it

        try:
            signature(main).bind()
        except TypeError as error:
            where = f"{PACKAGE}/stages/{name}.py: main"
            raise UserError(f"{where}: a stage gets no arguments ({error})") from None
    return cast(Callable[[], None], main)


def short_names() -> dict[str, str]:
    """Return the import path of each model type's class, by short name."""
    return half.named("models", "SHORT_NAMES", str, "import paths of classes")


def greater_is_better() -> dict[str, bool]:
    """Return, for each metric by name, whether a greater value is better."""
    return half.named("metrics", "GREATER_IS_BETTER", bool, "True or False")
