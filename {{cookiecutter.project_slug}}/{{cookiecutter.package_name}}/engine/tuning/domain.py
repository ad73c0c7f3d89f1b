"""The values that a searched parameter may take."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from ..params import Block

if TYPE_CHECKING:
    from optuna.trial import Trial

DIGITS = 4  # digits to which a suggested float is rounded, so that params.yaml stays readable


class Domain(Block):
    """A range of floats, a range of integers, or a list of choices, as `tune.space` declares it."""

    float_: Annotated[list[float], Field(min_length=2, max_length=2)] | None = Field(None, alias="float")
    int_: Annotated[list[int], Field(min_length=2, max_length=2)] | None = Field(None, alias="int")
    choice: Annotated[list[Any], Field(min_length=1)] | None = None
    log: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> "Domain":
        kinds = [self.float_, self.int_, self.choice]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("give one of float: [low, high], int: [low, high], choice: [...]")
        if self.choice is not None:
            if self.log:
                raise ValueError("log is for float and int")
            if any(value in self.choice[:i] for i, value in enumerate(self.choice)):
                raise ValueError(f"a choice is listed twice in {self.choice}")
            return self
        low, high = self.bounds
        if low > high:
            raise ValueError(f"low {low:g} is greater than high {high:g}")
        if self.log and low <= 0:
            raise ValueError(f"log needs a low above 0, not {low:g}")
        return self

    @property
    def bounds(self) -> list[float]:
        """The lowest and the highest number of a range."""
        return list(self.float_ or self.int_ or [])

    @property
    def representatives(self) -> list[Any]:
        """The values to check in place of all: the bounds of a range, or every choice."""
        return self.bounds if self.choice is None else self.choice

    def suggest(self, trial: "Trial", name: str) -> None:
        """Let a trial of Optuna choose a value for the parameter of this name."""
        if self.choice is not None:
            trial.suggest_categorical(name, [_label(value) for value in self.choice])
        elif self.int_ is not None:
            trial.suggest_int(name, *self.int_, log=self.log)
        elif self.float_ is not None:
            trial.suggest_float(name, *self.float_, log=self.log)

    def to_value(self, suggested: Any) -> Any:
        """Convert what Optuna suggested to the value for params.yaml."""
        if self.choice is not None:
            return next(value for value in self.choice if _label(value) == suggested)
        if self.float_ is None:
            return suggested
        low, high = self.float_
        return min(max(float(f"{suggested:.{DIGITS}g}"), low), high)

    def to_suggested(self, value: Any) -> Any:
        """Convert a value of params.yaml to what Optuna would suggest."""
        return value if self.choice is None else _label(value)

    def contains(self, value: Any) -> bool:
        """Tell whether a value of params.yaml is in the domain."""
        if self.choice is not None:
            return value in self.choice
        kinds = (int,) if self.float_ is None else (int, float)
        low, high = self.bounds
        return type(value) in kinds and low <= value <= high


def _label(value: Any) -> Any:
    """Return what Optuna can store for a choice: a scalar as it is, a list or a block as JSON."""
    return value if value is None or isinstance(value, str | bool | int | float) else json.dumps(value)
