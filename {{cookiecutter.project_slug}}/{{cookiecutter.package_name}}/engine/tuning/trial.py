"""One trial of a search: its values, and how it ended."""

from dataclasses import dataclass, field
from statistics import mean
from typing import Any

from .space import Key


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: from 0, which is the current parameters.
        values: what is set in params.yaml.
        scores: the metric on each fold that was evaluated.
        failure: why it failed; empty if it did not.
        pruned: whether it was ended before the last fold, since it was worse than others.
    """

    number: int
    values: dict[Key, Any]
    scores: list[float] = field(default_factory=list)
    failure: str = ""
    pruned: bool = False

    @property
    def values_by_name(self) -> dict[str, Any]:
        """The values by the names that DVC and MLflow give them, e.g. `model.type`."""
        return {".".join(path): value for path, value in self.values.items()}

    @property
    def complete(self) -> bool:
        """Whether it was evaluated on all folds."""
        return bool(self.scores) and not self.failure and not self.pruned

    @property
    def score(self) -> float:
        """The mean over the folds that were evaluated."""
        return mean(self.scores)
