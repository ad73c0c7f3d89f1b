"""A model that is put through the gates, and what the gates may ask about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..params import Register
from .gate import Gate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Candidate:
    """A model that may be registered or promoted, measured on n test rows.

    What takes time is a function here, which is called when a gate needs it.

    Attributes:
        metrics: the metrics by name, and `latency_ms`, the time for one row in milliseconds.
        primary_metric: the metric that models are compared by.
        rules: the block `register` of params.yaml.
        read_predictions: reads the n predictions.
        read_groups: reads the groups that the same rows belong to.
        measure_baseline: measures a prediction without skill on the same rows.
        compare: compares the model with the champion on the same rows.
    """

    metrics: Mapping[str, float]
    primary_metric: str
    rules: Register
    read_predictions: "Callable[[], pd.DataFrame]"
    read_groups: "Callable[[], pd.DataFrame]"
    measure_baseline: Callable[[], Mapping[str, float]]
    compare: "Callable[[Candidate], list[Gate]]"

    @cached_property
    def predictions(self) -> "pd.DataFrame":
        """The n predictions, as `prediction.predict` has them."""
        return self.read_predictions()

    @cached_property
    def groups(self) -> "pd.DataFrame":
        """The same n rows, a column for each of `evaluate.groups`."""
        return self.read_groups()

    @cached_property
    def baseline(self) -> Mapping[str, float]:
        """The metrics without skill, as `skill.measure_baseline` has them."""
        return self.measure_baseline()

    def against_champion(self) -> list[Gate]:
        """Compare with the champion; no gate if there is none."""
        return self.compare(self)
