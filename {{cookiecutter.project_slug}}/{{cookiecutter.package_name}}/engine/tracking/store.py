"""Where MLflow's store is: one place, whatever folder or command a stage is started from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dotenv import load_dotenv
from filelock import FileLock

from ..base import settings
from ..base.errors import UserError, first_line, refusal
from ..base.paths import project_root
from ..base.text import masked
from . import abandoned, moved, preflight

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"
STORE_LIBRARIES = ("mlflow", "sqlalchemy", "requests", "urllib3", "botocore", "boto3")


def experiment_name() -> str:
    """Return the name of the experiment of the project's models."""
    return settings.project_name()


def data_experiment_name() -> str:
    """Return the name of the experiment of the project's validations."""
    return f"{experiment_name()}-data"


def tracking_uri() -> str:
    """Return the store's URI: MLFLOW_TRACKING_URI from the environment or .env, or the default.

    A relative sqlite file is meant from the project's root, not from where a stage happens to run.
    """
    load_dotenv(project_root() / ".env")
    uri = os.environ.get("MLFLOW_TRACKING_URI") or settings.default_tracking_uri()
    if not uri.startswith(SQLITE):
        return uri
    return sqlite_uri(project_root() / _path_in(uri)) + "".join(uri.partition("?")[1:])


@contextmanager
def opened() -> "Iterator[MlflowClient]":
    """Use the store: what is wrong with it is said before any work; what goes wrong later, in a line.

    Raises:
        UserError: the store does not answer, or not with what MLflow would, or stops doing so.
    """
    with _explained(tracking_uri()):
        yield connect()


def connect() -> "MlflowClient":
    """Point MLflow at the store and return a client, making the store if there is none.

    Raises:
        UserError: the store does not answer, or its artifacts are in a folder that the project has left.
    """
    uri = tracking_uri()
    preflight.check_port(uri)  # in milliseconds, before MLflow is imported
    import mlflow

    if masked(uri) != uri:  # at each run's end MLflow would print the address with the password
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return _client(uri)


@lru_cache
def _client(uri: str) -> "MlflowClient":
    """Make the client, once for each store that a process uses."""
    import mlflow

    with _explained(uri, beforehand=True):
        preflight.check_answer(uri)
        with _alone(uri):
            client = mlflow.MlflowClient()
            named = (
                client.get_experiment_by_name(name) for name in (experiment_name(), data_experiment_name())
            )
            experiments = [experiment for experiment in named if experiment]
        if database := local_database(uri):
            moved.check(database, project_root(), [e.artifact_location for e in experiments])
        abandoned.close_runs(client, [experiment.experiment_id for experiment in experiments])
    return client


def local_database(uri: str) -> Path | None:
    """Return the file of a sqlite store; None if the store is another one."""
    return Path.cwd() / _path_in(uri) if uri.startswith(SQLITE) else None


def _path_in(uri: str) -> Path:
    return Path(unquote(uri.removeprefix(SQLITE).partition("?")[0]))


def sqlite_uri(database: Path) -> str:
    """Return the URI of a sqlite store.

    In it `?` begins options, and `%` a character's code, which MLflow does not know: it would make folders
    of that name. So, if the project's folder is called so, the path is that from the current folder.
    """
    path = database.as_posix()
    if "%" in path or "?" in path:
        path = Path(os.path.relpath(database)).as_posix()
    return SQLITE + path.replace("%", "%25").replace("?", "%3F")


def is_shared() -> bool:
    """Tell whether others may log to the store, too: it is no file inside of this project."""
    database = local_database(tracking_uri())
    return database is None or not database.is_relative_to(project_root())


def experiment_id(client: "MlflowClient", name: str) -> str:
    """Return the experiment's id, creating it if there is none.

    Raises:
        UserError: the experiment was deleted.
    """
    uri = client.tracking_uri
    with _alone(uri):
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
    database = local_database(uri)
    if database is None:
        yield
        return
    lock = project_root() / ".dvc" / "tmp" / "mlflow-store.lock"
    for file in (lock, database):
        file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield


@contextmanager
def _explained(uri: str, beforehand: bool = False) -> Iterator[None]:
    """Say in one line that the store cannot be used, and why.

    Args:
        uri: the store's.
        beforehand: nothing else is done yet, so whatever fails is the store.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        library = type(error).__module__.split(".")[0]
        if not (beforehand or library in STORE_LIBRARIES):
            raise
        reason = masked(first_line(error)) + "; check MLFLOW_TRACKING_URI"
        problem = "cannot be used" if beforehand else "failed, and what this run has logged is not complete"
        said = f"{uri}: the tracking store {problem}: {refusal(error) or reason}"
        raise UserError(masked(said)) from None
