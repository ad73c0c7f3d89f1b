"""The results of a run: its metrics and its predictions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..base.paths import PLOTS, PREDICTIONS
from ..base.text import masked
from .artifacts import read_artifact

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

REPRODUCED = "reproduced"  # the tag with the verdict of the last attempt to make the run again
PREDICTIONS_LOGGED = f"{PLOTS.name}/{PREDICTIONS.name}"


@dataclass(frozen=True)
class Result:
    """The results of a run.

    Attributes:
        metrics: the metrics by name.
        predictions: the predictions for all test rows, as CSV.
    """

    metrics: dict[str, float]
    predictions: str


def read_result(client: "MlflowClient", run: "Run") -> Result:
    """Read the results of a run.

    Raises:
        UserError: the run's predictions cannot be read.
    """
    predictions = read_artifact(client, run.info.run_id, PREDICTIONS_LOGGED).decode("utf-8")
    return Result(run.data.metrics, predictions)


def read_result_in(tracking_uri: str, run_id: str) -> Result:
    """Read the results of a run in another store.

    Raises:
        UserError: the run's predictions cannot be read.
    """
    import mlflow

    client = mlflow.MlflowClient(tracking_uri)
    return read_result(client, client.get_run(run_id))


def log_verdict(client: "MlflowClient", run: "Run", verdict: str) -> None:
    """Tag a run with the verdict of an attempt to make it again, and with the time."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    client.set_tag(run.info.run_id, REPRODUCED, masked(f"{now} {verdict}")[:500])
