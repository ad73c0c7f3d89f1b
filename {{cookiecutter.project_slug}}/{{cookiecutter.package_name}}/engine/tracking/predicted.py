"""How a model's predictions for the test rows are distributed: a file that `evaluate` adds to the model."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..base.files import write_json
from ..drift.predictions import describe
from .run import Run

if TYPE_CHECKING:
    import pandas as pd

FOLDER, FILE = "extra_files", "predictions.json"  # where the file is in the model


def log_predicted(run: Run, predictions: "pd.DataFrame") -> None:
    """Add the distribution of a model's predictions to its files.

    Args:
        run: the run with the model.
        predictions: from `judging.prediction.predict`.
    """
    with TemporaryDirectory() as folder:
        write_json(file := Path(folder) / FILE, describe(predictions))
        run.client.log_model_artifact(run.model_id, str(file), FOLDER)


def predicted_by(uri: str) -> dict[str, Any]:
    """Return what `drift.predictions.describe` made for the model at a URI; empty if there is nothing."""
    import mlflow

    listed = mlflow.artifacts.list_artifacts(artifact_uri=f"{uri}/{FOLDER}")
    if not any(Path(file.path).name == FILE for file in listed):
        return {}
    with TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(f"{uri}/{FOLDER}/{FILE}", dst_path=folder)
        content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return content
