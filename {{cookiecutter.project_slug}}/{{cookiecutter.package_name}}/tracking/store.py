"""Where MLflow's store is: one place, whatever folder or command a stage is started from."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import load_dotenv
from filelock import FileLock

from ..errors import UserError

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_URI = {{ cookiecutter.mlflow_tracking_uri | tojson }}
EXPERIMENT = {{ cookiecutter.project_slug | tojson }}
DATA_EXPERIMENT = f"{EXPERIMENT}-data"
SQLITE = "sqlite:///"


def project_root() -> Path:
    """Return the root of the user's repository, also from a trial in a temporary copy of it."""
    return Path(os.environ.get("DVC_ROOT") or Path(__file__).parents[2]).resolve()


def tracking_uri() -> str:
    """Return the store's URI: MLFLOW_TRACKING_URI from the environment or .env, or the default.

    A relative sqlite file is meant from the project's root, not from where a stage happens to run.
    """
    load_dotenv(project_root() / ".env")
    uri = os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    if uri.startswith(SQLITE):
        return SQLITE + (project_root() / uri.removeprefix(SQLITE)).as_posix()
    return uri


def connect() -> "MlflowClient":
    """Point MLflow at the store and return a client, making the store if there is none.

    Raises:
        UserError: the store does not answer, or not with what MLflow would.
    """
    import mlflow

    uri = tracking_uri()
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    with _explained(uri), _alone(uri):
        client = mlflow.MlflowClient()
        client.search_experiments(max_results=1)
    return client


def experiment_id(client: "MlflowClient", name: str) -> str:
    """Return the experiment's id, creating it if there is none.

    Raises:
        UserError: the store does not answer, or the experiment was deleted.
    """
    uri = client.tracking_uri
    with _explained(uri), _alone(uri):
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            # a server chooses for itself; a local store would take the folder of this process, which
            # in a temporary trial is about to be deleted
            local = None if uri.startswith("http") else (project_root() / "mlruns").as_uri()
            return str(client.create_experiment(name, artifact_location=local))
    if experiment.lifecycle_stage == "deleted":
        raise UserError(
            f"the experiment {name!r} is deleted; bring it back with "
            f"`mlflow experiments restore --experiment-id {experiment.experiment_id}`"
        )
    return str(experiment.experiment_id)


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """Let one process at a time make the store: on a fresh sqlite file two migrations collide."""
    if not uri.startswith(SQLITE):
        yield
        return
    lock = project_root() / ".dvc" / "tmp" / "mlflow-store.lock"
    for file in (lock, Path(uri.removeprefix(SQLITE))):
        file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Say in one line that the store cannot be used, and why."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, ImportError, OSError) as error:
        reason = str(error).strip().split("\n")[0][:300]
        said = f"{uri}: the tracking store cannot be used: {reason}; check MLFLOW_TRACKING_URI"
        raise UserError(re.sub(r"//[^/@\s]*@", "//***@", said)) from None  # a password stays out of logs
