"""A run, together with the client of its store: this is passed to everything that logs."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Run:
    """A run in MLflow.

    Attributes:
        client: of its store.
        id: of the run.
        model_id: of the model that is logged in it; empty if there is none.
    """

    client: "MlflowClient"
    id: str
    model_id: str = ""

    def log_file(self, name: str, content: bytes) -> None:
        """Log a file with this name and content."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            self.client.log_artifact(self.id, str(path))


@dataclass(frozen=True)
class StageRun:
    """The run that a stage logs to."""

    run: Run

    @property
    def id(self) -> str:
        """The run's id in MLflow."""
        return self.run.id
