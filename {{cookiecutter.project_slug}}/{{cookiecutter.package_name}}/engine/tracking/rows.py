"""The rows that a model was trained on, as an artifact of its run."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..split.learned import Learned
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LEARNED = "learned.npz"


def log_learned(run: Run, learned: Learned) -> None:
    """Log which rows a run's model is trained on: a number for each row, not its content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / LEARNED
        learned.save(path)
        run.client.log_artifact(run.id, str(path))


def learned_by(client: "MlflowClient", version: "ModelVersion") -> Learned:
    """Return which rows a version was trained on.

    Raises:
        UserError: this cannot be read from the version's run.
    """
    from mlflow.exceptions import MlflowException

    with TemporaryDirectory() as folder:
        try:
            return Learned.load(Path(client.download_artifacts(version.run_id, LEARNED, folder)))
        except (MlflowException, OSError) as error:
            reason = first_line(error)
            raise UserError(f"its run does not record which rows it was trained on: {reason}") from None
