"""Files that a run has logged."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line

if TYPE_CHECKING:
    from mlflow import MlflowClient


def read_artifact(client: "MlflowClient", run_id: str, path: str) -> bytes:
    """Return the content of a file that a run has logged.

    Raises:
        UserError: it cannot be read.
    """
    from mlflow.exceptions import MlflowException

    with TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run_id, path, folder)).read_bytes()
        except (MlflowException, OSError) as error:
            reason = first_line(error)
            raise UserError(f"the run's artifact {path} cannot be read: {reason}") from None
