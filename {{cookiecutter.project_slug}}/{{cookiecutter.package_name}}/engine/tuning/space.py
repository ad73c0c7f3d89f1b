"""The search space: the parameters that are searched, each with its domain."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .domain import Domain

if TYPE_CHECKING:
    from optuna.trial import Trial

Key = tuple[str, ...]  # the key of a parameter in params.yaml, e.g. ("model", "type")
TYPE: Key = ("model", "type")
IN_PROCESS = ("features", "model")  # the blocks that a model on prepared training rows depends on


@dataclass(frozen=True)
class Dimension:
    """One parameter and its domain."""

    path: Key
    domain: Domain

    @property
    def name(self) -> str:
        """The name that DVC and MLflow give the parameter, e.g. `model.type`."""
        return ".".join(self.path)

    @property
    def model_type(self) -> str | None:
        """The model type whose parameter this is; None if it is not one of a model type."""
        return self.path[1] if self.path[0] == "model" and len(self.path) > 2 else None


@dataclass(frozen=True)
class Space:
    """All that is searched.

    Attributes:
        content: the content of params.yaml: the current values, with which a search begins.
        dimensions: in the order of params.yaml.
    """

    content: dict[str, Any]
    dimensions: list[Dimension]

    def of_type(self, model_type: str) -> list[Dimension]:
        """List the dimensions without the parameters of other model types."""
        return [d for d in self.dimensions if d.model_type in (None, model_type)]

    def types(self) -> list[str]:
        """List the model types that trials may have."""
        chosen = [str(name) for d in self.dimensions if d.path == TYPE for name in d.domain.representatives]
        return chosen or [self.content["model"]["type"]]

    def suggest(self, trial: "Trial") -> None:
        """Let a trial of Optuna choose its values: the model type, then the parameters of this type only."""
        shared = self.of_type("")
        for dimension in shared:
            dimension.domain.suggest(trial, dimension.name)
        for dimension in self.of_type(self._type(trial.params)):
            if dimension not in shared:
                dimension.domain.suggest(trial, dimension.name)

    def suggest_only(self, trial: "Trial", names: Collection[str]) -> None:
        """Let a trial of Optuna choose the values of some parameters."""
        for dimension in self.dimensions:
            if dimension.name in names:
                dimension.domain.suggest(trial, dimension.name)

    def values(self, suggested: Mapping[str, Any]) -> dict[Key, Any]:
        """Convert what Optuna suggested, by name, to the values for params.yaml."""
        active = self.of_type(self._type(suggested))
        return {d.path: d.domain.to_value(suggested[d.name]) for d in active if d.name in suggested}

    def current_values(self) -> dict[Key, Any]:
        """Return the current values in params.yaml of all that is searched for the current model type."""
        dimensions = self.of_type(self.content["model"]["type"])
        return {d.path: value for d in dimensions for value in _values_at(self.content, d.path)}

    def current_suggested(self) -> dict[str, Any]:
        """Return the current values that are in their domains, as Optuna would suggest them."""
        values = self.current_values()
        inside = [d for d in self.dimensions if d.path in values and d.domain.contains(values[d.path])]
        return {d.name: d.domain.to_suggested(values[d.path]) for d in inside}

    def _type(self, suggested: Mapping[str, Any]) -> str:
        return str(suggested.get(".".join(TYPE), self.content["model"]["type"]))


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


def _values_at(content: Any, path: Key) -> list[Any]:
    """Return the value at a path, in a list; an empty list if there is none."""
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return []
        content = content[part]
    return [content]
