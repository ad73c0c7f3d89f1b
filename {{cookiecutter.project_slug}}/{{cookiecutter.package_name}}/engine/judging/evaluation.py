"""What the evaluate stage measures about a model."""

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

from ..base import background
from ..fitting.threshold import Threshold, threshold_of
from ..params import Params
from ..split.dataset import Dataset
from ..split.rows import Rows
from .importance import importances
from .inspection import Latency, group_metrics, latency
from .prediction import Score, measure, predict
from .skill import measure_baseline

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Evaluation:
    """What n test rows say about a model.

    Attributes:
        predictions: n rows, from `prediction.predict`.
        metrics: the metrics by name.
        baseline: the same metrics for a prediction without skill, from `skill.measure_baseline`.
        groups: the same metrics in each group, from `inspection.group_metrics`.
        importances: the importances of the features, from `importance.importances`.
        latency: the time for one row and for a batch, with one thread.
        threshold: the probability from which on the rarer of two classes is predicted, if the model has a
            threshold.
    """

    predictions: "pd.DataFrame"
    metrics: dict[str, float]
    baseline: dict[str, float]
    groups: "pd.DataFrame"
    importances: "pd.DataFrame"
    latency: Latency
    threshold: Threshold | None = None

    def content(self) -> dict[str, Any]:
        """Return the content of reports/metrics.json."""
        chosen = {} if self.threshold is None else {"threshold": self.threshold.value}
        times = {"latency_ms": self.latency.row, "batch_latency_ms": self.latency.batch}
        return {**self.metrics, **chosen, **times, "baseline": self.baseline}

    def lines(self) -> dict[str, object]:
        """Return the evaluation as the stage's summary shows it."""
        values = {
            name: f"{value:.4g} (baseline {self.baseline.get(name, nan):.4g})"
            for name, value in self.metrics.items()
        }
        chosen = {} if self.threshold is None else {"threshold": self.threshold}
        return {
            "test rows": len(self.predictions),
            **values,
            **chosen,
            "one row takes": f"{self.latency.row:.1f} ms",
        }


def evaluate(
    model: "Pipeline", test: Rows, data: Dataset, score: Score, baseline: "BaseEstimator"
) -> Evaluation:
    """Measure a model on the test rows.

    Args:
        model: the fitted model.
        test: the rows, from `data`.
        data: the data with these rows, and with the target of the training rows.
        score: computes the project's metrics from a table of predictions.
        baseline: the baseline's estimator, not fitted, which looks at no feature.
    """
    params: Params = data.params
    features, actual = test.features, test.actual
    rank = background.start(lambda: importances(model, features, actual, params.split.seed))
    predictions, ranking = predict(model, features, actual), rank()
    return Evaluation(
        predictions,
        measure(predictions, score),
        measure_baseline(predictions, features, data.train_target, params.split.seed, baseline, score),
        group_metrics(predictions, test.groups),
        ranking,
        latency(model, features),  # when nothing else runs
        threshold_of(model),
    )
