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


def download_model(uri: str, folder: Path) -> Path:
    """Download a logged model into a folder, with the code that it carries; return where it is.

    Args:
        uri: the model's URI, as MLflow accepts it.
        folder: an empty one.
    """
    import mlflow

    return Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(folder)))


def kept(client: "MlflowClient", run_id: str, path: str) -> str:
    """Return the text of a file that a run may have; empty if it has none.

    Raises:
        UserError: it cannot be read.
    """
    folder = path.rpartition("/")[0]
    if not any(file.path == path for file in client.list_artifacts(run_id, folder or None)):
        return ""
    return read_artifact(client, run_id, path).decode("utf-8")


def keep(client: "MlflowClient", run_id: str, path: str, text: str) -> str:
    """Add a file to a run; return why the store refuses it, or an empty text if it does not."""
    from mlflow.exceptions import MlflowException

    try:
        client.log_text(run_id, text, path)
    except MlflowException as error:
        return first_line(error)
    return ""
