"""The run of a comparison of new rows with the rows that a model has learned from."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.hashing import path_md5
from ..base.paths import PACKAGE, project_root
from ..drift.column import FEATURE
from ..table.description import Description
from . import store
from .abandoned import process_tag
from .clones import CLONE, clone_id
from .datasets import Input, log_data
from .group_metrics import name_part
from .links import run_url
from .records import MAX_BATCH
from .run import Run
from .who import Who

if TYPE_CHECKING:
    from mlflow import MlflowClient

DRIFT_OF = "drift.model"  # the tag with the id of the logged model that new rows were compared with
VERDICT, REFERENCE = "drift.verdict", "drift.reference"


def log_drift(
    client: "MlflowClient",
    path: Path,
    table: Description,
    content: dict[str, Any],
    page: str,
    model_id: str,
) -> str:
    """Log a comparison as a run in the experiment of the data.

    Args:
        client: the store's client.
        path: the path of the file of new rows, or the folder of requests.
        table: what kind of table it is.
        content: the content of the JSON, with the `verdict` and the `columns`.
        page: the page as HTML.
        model_id: the id of the logged model; empty if they were compared with a file.

    Returns:
        The address of the run's page.
    """
    import mlflow
    from mlflow.entities import Metric

    tags = {
        **tags_of(client, f"{path_md5(path)[:8]}-drift", "drift"),
        VERDICT: content["verdict"],
        REFERENCE: content["reference"],
        DRIFT_OF: model_id,
    }
    experiment = store.experiment_id(client, store.data_experiment_name())
    created = client.create_run(experiment, tags={name: value for name, value in tags.items() if value})
    run, now = Run(client, str(created.info.run_id)), int(time.time() * 1000)
    with mlflow.start_run(run_id=run.id):
        log_data(run, Input(path, "drift", table))
        metrics = [Metric(name, value, now, 0) for name, value in measured(content).items()]
        for start in range(0, len(metrics), MAX_BATCH):
            client.log_batch(run.id, metrics=metrics[start : start + MAX_BATCH])
        run.log_file("drift.json", json.dumps(content, indent=2, ensure_ascii=False).encode())
        run.log_file("drift.html", page.encode())
    return run_url(client.tracking_uri, experiment, run.id)


def measured(content: dict[str, Any]) -> dict[str, float]:
    """Return the metrics of the run: `psi/COLUMN`, `missing/COLUMN`, `new_categories/COLUMN`.

    For what is not a feature, they are `psi/target/COLUMN` and `psi/prediction/COLUMN`.
    """
    metrics = {"rows": content["rows"], "drifted": content["drifted"]}
    for column in content["columns"]:
        kind = "" if column["kind"] == FEATURE else f"{column['kind']}/"
        name = f"{kind}{name_part(column['name'])}"
        metrics[f"missing/{name}"] = column["missing"]["is"]
        if column["psi"] is not None:
            metrics[f"psi/{name}"] = column["psi"]
        if "new_categories" in column:
            metrics[f"new_categories/{name}"] = column["new_categories"]["share"]
    return metrics


def tags_of(client: "MlflowClient", name: str, command: str) -> dict[str, str]:
    """Return the tags of the run of a command: who ran it, and with which code.

    Args:
        client: the store's client.
        name: the run's name.
        command: the command's name.
    """
    who = Who.of(client)
    return {
        "mlflow.runName": name,
        "mlflow.user": who.by,
        "mlflow.source.name": f"{PACKAGE} {command}",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": git.text("rev-parse", "HEAD") or "",
        CLONE: clone_id(project_root()),
        **who.tags,
        **process_tag(),
    }
