"""The run of a version's live score: how good it was on rows whose targets became known later."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import store
from .datasets import Input, log_data
from .drift_run import tags_of
from .links import run_url
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

FEEDBACK_OF = "feedback.model"  # the tag with the id of the logged model


def test_metrics(client: "MlflowClient", version: "ModelVersion") -> dict[str, float]:
    """Return the metrics on the test rows; none if the version's run is deleted."""
    from mlflow.exceptions import MlflowException

    from .absence import is_absent

    try:
        return dict(client.get_run(version.run_id).data.metrics)
    except MlflowException as error:
        if not is_absent(error):
            raise
        return {}


def log_feedback(
    client: "MlflowClient", version: "ModelVersion", labels: Path, content: dict[str, Any]
) -> str:
    """Log a live score as a run in the experiment of the data.

    Args:
        client: the store's client.
        version: the version that answered.
        labels: the file of targets.
        content: `rows`, and the metrics on `live` and `test` rows, by name.

    Returns:
        The address of the run's page.
    """
    import mlflow

    named = f"{version.name} version {version.version}"
    tags = {
        **tags_of(client, f"{version.version}-feedback", "feedback"),
        FEEDBACK_OF: str(version.source).removeprefix("models:/"),
        "feedback.version": named,
    }
    experiment = store.experiment_id(client, store.data_experiment_name())
    run = Run(client, str(client.create_run(experiment, tags=tags).info.run_id))
    with mlflow.start_run(run_id=run.id):
        log_data(run, Input(labels, "feedback"))
        measured = {f"{kind}/{name}": v for kind in ("live", "test") for name, v in content[kind].items()}
        mlflow.log_metrics({"rows": content["rows"], **measured})
        run.log_file("feedback.json", json.dumps(content, indent=2, ensure_ascii=False).encode())
    return run_url(client.tracking_uri, experiment, run.id)
