"""A run, together with its store's client: it is passed to everything that logs."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..base.paths import PACKAGE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun


@dataclass(frozen=True)
class Run:
    """A run in MLflow.

    Attributes:
        client: its store's client.
        id: the run's id.
        model_id: the id of the model that is logged in it; empty if there is none.
    """

    client: "MlflowClient"
    id: str
    model_id: str = ""

    def recorded(self) -> "MlflowRun":
        """Return what the store has recorded of it."""
        return self.client.get_run(self.id)

    def log_file(self, name: str, content: bytes) -> None:
        """Log a file with this name and content."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            self.client.log_artifact(self.id, str(path))


@dataclass(frozen=True)
class StageRun:
    """The run that a stage logs to.

    Attributes:
        saved: not empty once the stage has saved its result.
    """

    run: Run
    saved: list[bool] = field(default_factory=list, init=False)

    @property
    def id(self) -> str:
        """The run's id in MLflow."""
        return self.run.id

    def check_saved(self, stage: str, how: str) -> None:
        """Check, at the end of a stage's block, that the stage has saved its result.

        DVC keeps the earlier result of a stage that may fail on bad data, and would take it for a new one.

        Raises:
            UserError: nothing was saved.
        """
        if not self.saved:
            raise UserError(f"{PACKAGE}/stages/{stage}.py: main: nothing was saved; it needs {how}")
