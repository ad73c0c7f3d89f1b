"""Print the content of a tracking store as JSON; run by a baked project's Python, which has MLflow."""

import json
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow

logging.disable()


def main(uri: str) -> dict[str, Any]:
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    every = {e.experiment_id: e.name for e in client.search_experiments()}
    # without the changes of aliases, which test_registry.py reads with the project's own command
    experiments = {id: name for id, name in every.items() if not name.endswith("-history")}
    runs = client.search_runs(list(experiments), order_by=["attributes.start_time ASC"])
    versions = sorted(client.search_model_versions(), key=lambda version: int(version.version))
    aliases = {model.name: model.aliases for model in client.search_registered_models()}
    return {
        "runs": [
            {
                "id": run.info.run_id,
                "name": run.info.run_name,
                "experiment": experiments[run.info.experiment_id],
                "status": run.info.status,
                "params": run.data.params,
                "metrics": run.data.metrics,
                "tags": run.data.tags,
                "digests": {
                    tag.value: item.dataset.digest
                    for item in run.inputs.dataset_inputs
                    for tag in item.tags
                    if tag.key == "mlflow.data.context"
                },
                "models": [output.model_id for output in run.outputs.model_outputs],
                "artifacts": (names := [file.path for file in client.list_artifacts(run.info.run_id)]),
                "lineage": content(client, run.info.run_id, "lineage.json", names),
                "decision": content(client, run.info.run_id, "registration.json", names),
            }
            for run in runs
        ],
        "versions": [
            {"model": v.name, "version": str(v.version), "run": v.run_id, "tags": v.tags} for v in versions
        ],
        "aliases": {name: {a: str(v) for a, v in of.items()} for name, of in aliases.items()},
    }


def content(client: mlflow.MlflowClient, run: str, name: str, names: list[str]) -> Any:
    """Read an artifact in JSON; None if the run does not have it."""
    if name not in names:
        return None
    with TemporaryDirectory() as folder:
        return json.loads(Path(client.download_artifacts(run, name, folder)).read_text(encoding="utf-8"))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
