"""params.yaml, typed: the blocks that every project has.

It is saved with a model whose steps come from a module that imports it, and so are the blocks.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from .base.errors import UserError
from .base.paths import PARAMS
from .blocks.block import Block as Block
from .blocks.canary import Canary as Canary
from .blocks.checking import allowed_keys, validated
from .blocks.data import Columns as Columns
from .blocks.data import Data as Data
from .blocks.data import Format as Format
from .blocks.drift import Drift as Drift
from .blocks.serve import Serve as Serve
from .blocks.slo import Slo as Slo
from .blocks.split import Split as Split

P = TypeVar("P", bound="Params")


class Model(Block):
    """The model type in use, a block of parameters for each type, and the threshold between two classes.

    Attributes:
        threshold: the probability from which on the rarer of two classes is predicted, or the metric by which
            it is chosen; None if the likelier class is predicted.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    threshold: float | str | None = None
    __pydantic_extra__: dict[str, dict[str, Any]]

    @field_validator("threshold", mode="before")
    @classmethod
    def _probability_or_metric(cls, threshold: Any) -> Any:
        if threshold is None:
            return None
        is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not isinstance(threshold, str) and not (is_number and 0 < threshold < 1):
            raise ValueError(f"needs a number between 0 and 1, or the name of a metric; got {threshold!r}")
        return threshold

    @model_validator(mode="before")
    @classmethod
    def _empty_block(cls, values: Any) -> Any:
        """Take a type without parameters as one whose parameters have their defaults."""
        if not isinstance(values, dict):
            return values
        return {k: {} if v is None and k not in cls.model_fields else v for k, v in values.items()}

    @property
    def on_cluster(self) -> bool:
        """Whether the type is a class that is fitted on a Dask cluster: `xgboost.dask.DaskXGBClassifier`."""
        return self.type.rpartition(".")[2].startswith("Dask")

    @property
    def blocks(self) -> dict[str, dict[str, Any]]:
        """The parameters of every type that has a block."""
        return self.__pydantic_extra__

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the type in use; empty if it has no block."""
        return self.blocks.get(self.type, {})


class Evaluate(Block):
    """The metric by which models are compared, and the columns whose groups are judged separately."""

    primary_metric: str
    groups: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _groups_differ(self) -> "Evaluate":
        if len(set(self.groups)) < len(self.groups):
            raise ValueError(f"a column is listed twice among the groups {', '.join(self.groups)}")
        return self


class Threshold(Block):
    """The smallest and the greatest value of a metric with which a model may be registered."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _bounds(self) -> "Threshold":
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is greater than max {self.max:g}: no model can meet both")
        return self


class Register(Block):
    """The registered model's name, and the gates that a model must pass; None or an empty value is off.

    Attributes:
        by: who makes versions: only CI's jobs, or anybody; None for CI on a tracking server, otherwise
            anybody.
    """

    name: Annotated[str, Field(min_length=1, pattern=r"^[^/:'\s]+$")]
    by: Literal["ci", "anybody"] | None = None
    min_skill: float | None = 0.1
    max_group_gap: dict[str, Annotated[float, Field(ge=0)]] = Field(default={})
    thresholds: dict[str, Threshold] = Field(default={})
    group_thresholds: dict[str, Threshold] = Field(default={})
    max_spread: dict[str, Annotated[float, Field(ge=0)]] = Field(default={})
    min_group_rows: int = Field(default=1, ge=1)
    min_improvement: float | None = None
    max_latency_ms: Annotated[float, Field(gt=0)] | None = None


class Tune(Block):
    """The search that `tune` makes; its space is read in `tuning.space`.

    Attributes:
        metric: the metric by which trials are scored; None for the primary one.
    """

    metric: str | None = None
    trials: int = Field(default=40, ge=1)
    folds: int = Field(default=5, ge=2)
    seed: int = Field(default=42, ge=0, le=2**31)
    space: dict[str, Any] = Field(default={})


class Params(Block):
    """The whole of params.yaml, except the blocks that a project adds: see the project's own params.py."""

    data: Data
    split: Split
    model: Model
    evaluate: Evaluate
    register_: Register = Field(alias="register")
    drift: Drift = Drift()
    serve: Serve = Serve()
    canary: Canary = Canary()
    slo: Slo = Slo()
    tune: Tune = Tune()

    @property
    def search_metric(self) -> str:
        """The metric by which `tune` scores its trials."""
        return self.tune.metric or self.evaluate.primary_metric

    @field_validator("split")
    @classmethod
    def _target_divides_nothing(cls, split: Split, info: ValidationInfo) -> Split:
        data = info.data.get("data")  # None if the block has mistakes of its own
        if data is not None and data.target in (*split.groups, split.time):
            raise ValueError(f"the target {data.target!r} is also listed under groups or time")
        return split


def read_params(params: type[P]) -> P:
    """Read params.yaml in the current folder.

    Args:
        params: the project's own class.

    Raises:
        UserError: a line for every mistake: a typo, a wrong type or value, a key given twice.
    """
    from .base.yaml import read_yaml

    content = read_yaml(PARAMS)
    if not isinstance(content, dict):
        raise UserError(f"{PARAMS}:1: needs the blocks {', '.join(allowed_keys((), params))}")
    return validated(params, content)
