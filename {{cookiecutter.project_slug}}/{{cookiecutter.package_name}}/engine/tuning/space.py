"""What is searched: `tune.space` in params.yaml, checked before any work."""

import json
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from .. import project
from ..base.blocks import params_error, validated
from ..base.errors import UserError, first_line
from ..fitting.estimators import check_model
from ..params import Block, Params

if TYPE_CHECKING:
    from optuna.trial import Trial

Key = tuple[str, ...]  # of a parameter in params.yaml, e.g. ("model", "type")
TYPE: Key = ("model", "type")
IN_PROCESS = ("features", "model")  # the blocks that a model on prepared training rows depends on
DIGITS = 4  # that a float is searched with, so that params.yaml stays readable


class Domain(Block):
    """The values that a parameter may take: one of the three kinds."""

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
        """The lowest and the highest number."""
        return list(self.float_ or self.int_ or [])

    @property
    def extremes(self) -> list[Any]:
        """Values whose being allowed tells that all are."""
        return self.bounds if self.choice is None else self.choice


@dataclass(frozen=True)
class Dimension:
    """One parameter and its domain."""

    path: Key
    domain: Domain

    @property
    def name(self) -> str:
        """The name that DVC and MLflow give the parameter."""
        return ".".join(self.path)

    def suggest(self, trial: "Trial") -> None:
        """Let a trial take a value."""
        domain = self.domain
        if domain.choice is not None:
            trial.suggest_categorical(self.name, [_label(value) for value in domain.choice])
        elif domain.int_ is not None:
            trial.suggest_int(self.name, *domain.int_, log=domain.log)
        elif domain.float_ is not None:
            trial.suggest_float(self.name, *domain.float_, log=domain.log)

    def value(self, suggested: Any) -> Any:
        """Return what params.yaml gets for what Optuna calls it."""
        domain = self.domain
        if domain.choice is not None:
            return next(value for value in domain.choice if _label(value) == suggested)
        if domain.float_ is None:
            return suggested
        low, high = domain.float_
        return min(max(float(f"{suggested:.{DIGITS}g}"), low), high)

    def holds(self, value: Any) -> bool:
        """Tell whether a value is in the domain."""
        if self.domain.choice is not None:
            return value in self.domain.choice
        kinds = (int,) if self.domain.float_ is None else (int, float)
        low, high = self.domain.bounds
        return type(value) in kinds and low <= value <= high


@dataclass(frozen=True)
class Space:
    """All that is searched, beside the parameters of now.

    Attributes:
        content: of params.yaml.
        dimensions: in the order of params.yaml.
    """

    content: dict[str, Any]
    dimensions: list[Dimension]

    def of_type(self, model_type: str) -> list[Dimension]:
        """Leave out the parameters of other model types."""
        return [d for d in self.dimensions if _model_type(d.path) in (None, model_type)]

    def types(self) -> list[str]:
        """List the model types that trials may have."""
        chosen = [str(name) for d in self.dimensions if d.path == TYPE for name in d.domain.extremes]
        return chosen or [self.content["model"]["type"]]

    def suggest(self, trial: "Trial") -> None:
        """Let a trial take its values: the model's type, then the parameters of this type only."""
        shared = self.of_type("")
        for dimension in shared:
            dimension.suggest(trial)
        for dimension in self.of_type(self._type(trial.params)):
            if dimension not in shared:
                dimension.suggest(trial)

    def suggest_only(self, trial: "Trial", names: Collection[str]) -> None:
        """Let a trial take its values of these parameters."""
        for dimension in self.dimensions:
            if dimension.name in names:
                dimension.suggest(trial)

    def values(self, suggested: Mapping[str, Any]) -> dict[Key, Any]:
        """Return what params.yaml gets for what a trial took."""
        active = self.of_type(self._type(suggested))
        return {d.path: d.value(suggested[d.name]) for d in active if d.name in suggested}

    def present(self) -> dict[Key, Any]:
        """Return what params.yaml has now, of all that is searched for the model type of now."""
        found = ((d.path, _get(self.content, d.path)) for d in self.of_type(self.content["model"]["type"]))
        return {path: value[0] for path, value in found if value}

    def present_suggested(self) -> dict[str, Any]:
        """Return as much of `present` as is in the domains, as Optuna calls it."""
        values = self.present()
        inside = [d for d in self.dimensions if d.path in values and d.holds(values[d.path])]
        return {d.name: values[d.path] if d.domain.choice is None else _label(values[d.path]) for d in inside}

    def _type(self, suggested: Mapping[str, Any]) -> str:
        return str(suggested.get(".".join(TYPE), self.content["model"]["type"]))


def load_space(
    content: dict[str, Any], params: Params, allowed: tuple[str, ...] | None = IN_PROCESS
) -> Space:
    """Read and check `tune.space`.

    Args:
        content: of params.yaml.
        params: the same, typed.
        allowed: the blocks whose parameters may be searched; None: all.

    Raises:
        UserError: there is none; an unknown parameter, a value that it does not take, no domain.
    """
    if not params.tune.space:
        raise params_error(
            ("tune",),
            f"nothing to search; add `tune:`, under it `space:`, `model:` and `{params.model.type}:`, "
            "and then for example `PARAMETER: {float: [0.01, 1.0], log: true}`",
        )
    space = Space(content, list(_dimensions(params.tune.space, ())))
    errors = [str(e) for d in space.dimensions for e in _errors(d, space, params, allowed)]
    if errors:
        raise UserError("\n".join(errors))
    return space


def with_values(content: dict[str, Any], values: Mapping[Key, Any]) -> dict[str, Any]:
    """Return a copy of the content of params.yaml with other values."""
    changed = deepcopy(content)
    for path, value in values.items():
        block = changed
        for part in path[:-1]:
            if not isinstance(block.get(part), dict):
                block[part] = {}
            block = block[part]
        block[path[-1]] = value
    return changed


def _dimensions(node: dict[str, Any], path: Key) -> Iterator[Dimension]:
    """Go down the space to its domains."""
    for name, child in node.items():
        key = (*path, str(name))
        if not isinstance(child, dict) or not child or {"float", "int", "choice"} & child.keys():
            yield Dimension(key, validated(Domain, child, ("tune", "space", *key)))
        else:
            yield from _dimensions(child, key)


def _errors(
    dimension: Dimension, space: Space, params: Params, allowed: tuple[str, ...] | None
) -> Iterator[UserError]:
    """Find what is wrong with a dimension: the first mistake."""
    path, place = dimension.path, ("tune", "space", *dimension.path)
    if allowed is not None and path[0] not in allowed:
        yield params_error(place[:3], f"only {' and '.join(allowed)} are searched without --queue")
        return
    model_type = _model_type(path)
    types = (dimension.domain.choice or []) if path == TYPE else [model_type] if model_type else []
    for name in types:
        if str(name) not in params.model.blocks:
            yield params_error(place, f"the type {name!r} has no block under `model`; add one")
            return
    for value in dimension.domain.extremes:
        values = {path: value, **({TYPE: model_type} if model_type else {})}
        try:
            changed = validated(project.params_type(), with_values(space.content, values))
            if path[0] == "model":
                check_model(changed)
        except UserError as error:  # what is wrong is the space's, not the line's that the value would go to
            yield params_error(place, first_line(error).split(": ", 2)[-1])
            return


def _model_type(path: Key) -> str | None:
    """Return the model type whose parameter this is, if it is one's."""
    return path[1] if path[0] == "model" and len(path) > 2 else None


def _get(content: Any, path: Key) -> list[Any]:
    """Return the value at a path, in a list; an empty one if there is none."""
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return []
        content = content[part]
    return [content]


def _label(value: Any) -> Any:
    """Return what Optuna can keep: a scalar, or text that stands for a list or a block."""
    return value if value is None or isinstance(value, str | bool | int | float) else json.dumps(value)
