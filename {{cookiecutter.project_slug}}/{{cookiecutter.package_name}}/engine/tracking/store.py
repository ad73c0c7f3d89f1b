"""MLflow's store: it is the same, whatever folder or command a stage is started from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from ..base import settings
from ..base.errors import UserError, causes, first_line, refusal
from ..base.faults import fault, place_of
from ..base.paths import project_root
from ..base.text import masked
from ..storage import problems
from . import abandoned, moved, notes, preflight
from .address import tracking_uri as tracking_uri
from .clones import clone_id
from .local_store import create, local_database, one_process_at_a_time
from .refusals import refused, timed_out

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

STORE_LIBRARIES = ("mlflow", "sqlalchemy", "requests", "urllib3", "botocore", "boto3")


def experiment_name() -> str:
    """Return the name of the experiment with the project's models."""
    return settings.project_name()


def data_experiment_name() -> str:
    """Return the name of the experiment with the project's validations."""
    return f"{experiment_name()}-data"


def is_shared() -> bool:
    """Tell whether others may log to the store, too: they may unless it is a file in this project."""
    database = local_database(tracking_uri())
    return database is None or not database.is_relative_to(project_root())


def set_environment() -> str:
    """Set the variables by which MLflow finds the store; a process must do so before it starts threads.

    Returns:
        The store's URI.
    """
    uri = tracking_uri()
    os.environ |= {"MLFLOW_TRACKING_URI": uri, "MLFLOW_REGISTRY_URI": uri}
    if masked(uri) != uri:  # at the end of each run, MLflow would print the address with the password
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    return uri


@contextmanager
def opened() -> "Iterator[MlflowClient]":
    """Connect to the store, before any work; an error of the store within the block becomes one line.

    Raises:
        UserError: the store does not answer or is not an MLflow 3 store, or it fails within the block.
    """
    with errors_in_one_line(tracking_uri()):
        yield connect()


def connect() -> "MlflowClient":
    """Point MLflow at the store and return a client; create the store if there is none.

    Raises:
        UserError: the store does not answer, or its artifacts are in a folder that the project has left.
    """
    uri = set_environment()
    preflight.check_port(uri)  # this takes milliseconds, before MLflow is imported
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return _client(uri)


def close_abandoned_runs(client: "MlflowClient") -> None:
    """End the runs whose process is gone; this writes, so only programs that log runs themselves do it."""
    clone = clone_id(project_root()) if is_shared() else None
    abandoned.close_runs(client, [e.experiment_id for e in _experiments(client)], clone)


def experiment_id(client: "MlflowClient", name: str) -> str:
    """Return the id of an experiment; create it if there is none.

    Raises:
        UserError: the experiment was deleted.
    """
    uri = client.tracking_uri
    with one_process_at_a_time(uri):
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            # a server chooses the location itself; for a local store, MLflow would choose the current folder,
            # which DVC deletes after a temporary trial
            local = None if uri.startswith("http") else (project_root() / "mlruns").as_uri()
            note = notes.of_experiment(name, experiment_name(), data_experiment_name())
            experiment = client.get_experiment(client.create_experiment(name, local, note))
    with errors_in_one_line(uri, before_work=True):
        preflight.check_bucket(experiment.artifact_location)
    if experiment.lifecycle_stage == "deleted":
        raise UserError(
            f"the experiment {name!r} is deleted; restore it with "
            f"`mlflow experiments restore --experiment-id {experiment.experiment_id}`"
        )
    return str(experiment.experiment_id)


@lru_cache
def _client(uri: str) -> "MlflowClient":
    """Check a store and return its client; once for each store that a process uses."""
    import mlflow

    with errors_in_one_line(uri, before_work=True):
        preflight.check_answer(uri)
        with one_process_at_a_time(uri):
            database = local_database(uri)
            if database and not database.exists():
                create(database)
            client = mlflow.MlflowClient()
            if database:
                moved.check(database, project_root(), [e.artifact_location for e in _experiments(client)])
    return client


def _experiments(client: "MlflowClient") -> "list[Experiment]":
    """Return those of the project's experiments that exist."""
    names = (experiment_name(), data_experiment_name())
    return [experiment for experiment in map(client.get_experiment_by_name, names) if experiment]


@contextmanager
def errors_in_one_line(uri: str, before_work: bool = False) -> Iterator[None]:
    """Turn an error of the store within the block into a UserError.

    Args:
        uri: the store's URI.
        before_work: whether the block does nothing else, so that any error is the store's.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        library = type(error).__module__.split(".")[0]
        if not (before_work or library in STORE_LIBRARIES):
            raise
        if getattr(error, "error_code", "") == "INVALID_PARAMETER_VALUE" and (line := fault(error)):
            raise UserError(masked(line)) from None  # from a call of MLflow in the project's own half
        reason = _from_s3(error) or refused(error, uri) or refusal(error)
        if timed_out(error) and not reason:
            limit = "`patience` under [tool.engine] in pyproject.toml"
            limit = limit if before_work else "MLFLOW_HTTP_REQUEST_TIMEOUT"
            reason = f"the server did not answer in time; {limit} says how many seconds it has"
        reason = reason or masked(first_line(error)) + "; check MLFLOW_TRACKING_URI"
        problem = "cannot be used" if before_work else "failed, and what this run has logged is not complete"
        raise UserError(masked(f"{place_of(error)}{uri}: the tracking store {problem}: {reason}")) from None


def _from_s3(error: BaseException) -> str:
    """Say what S3 refused, if clients write artifacts there themselves; empty if it was not S3."""
    if any(type(each).__module__.split(".")[0] in ("botocore", "boto3") for each in causes(error)):
        return f"S3, where the artifacts are, {problems.problem('s3:', error)}"
    return ""
