"""What can be found out about the tracking store without logging: it is read, and nothing is changed."""

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from getpass import getuser
from pathlib import Path
from time import time

from ..base.paths import project_root
from . import moved, preflight
from .store import data_experiment_name, errors_in_one_line, experiment_name, set_environment

FOLDER = "doctor"  # beside the runs' artifacts, with one small file for each user
DEFAULT = "0"  # the id of the experiment that every server has


@dataclass(frozen=True)
class Server:
    """A tracking server that answers, and accepts our credentials."""

    version: str
    client: str
    account: str
    seconds_ahead: float  # how far its clock is ahead of ours


def check_database(database: Path) -> int:
    """Check the file of a local store, without writing to it.

    Returns:
        The number of runs.

    Raises:
        UserError: its artifacts are in a folder that the project has left.
        sqlite3.Error: it is damaged, or is not a store.
    """
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise sqlite3.DatabaseError(state)
        names = (experiment_name(), data_experiment_name())
        query = "SELECT artifact_location FROM experiments WHERE name IN (?, ?)"
        locations = [location for (location,) in connection.execute(query, names)]
        moved.check(database, project_root(), locations)
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def ask_server() -> Server:
    """Ask a tracking server for its version and the time, with our credentials.

    Raises:
        UserError: it does not answer, refuses, or is not MLflow 3.
    """
    uri = set_environment()
    preflight.check_port(uri)
    import mlflow

    with errors_in_one_line(uri, before_work=True):
        preflight.check_answer(uri)
        answer = preflight.ask(uri, "/version", "GET")
    date = answer.headers.get("Date", "")
    ahead = parsedate_to_datetime(date).timestamp() - time() if date else 0.0
    account = os.environ.get("MLFLOW_TRACKING_USERNAME", "")
    return Server(answer.text.strip(), mlflow.__version__, account, ahead)


def check_artifacts() -> str:
    """Write a small file beside the artifacts of the project's experiment, read it, and delete it.

    Returns:
        Where the file was written; an account that may not delete leaves it there, but it is the same file
        each time.

    Raises:
        UserError: it could not be written, or what was read is not what was written.
    """
    uri = set_environment()
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    mlflow.set_tracking_uri(uri)
    with errors_in_one_line(uri, before_work=True), tempfile.TemporaryDirectory() as scratch:
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(experiment_name()) or client.get_experiment(DEFAULT)
        location = f"{experiment.artifact_location}/{FOLDER}"
        artifacts = get_artifact_repository(location)
        file = Path(scratch) / f"{getuser()}.txt"
        file.write_text(FOLDER, encoding="utf-8")
        artifacts.log_artifact(str(file))
        there = Path(artifacts.download_artifacts(file.name, str(Path(scratch))))
        if there.read_text(encoding="utf-8") != FOLDER:
            raise OSError(f"{location}/{file.name} is not what was written")
        with suppress(Exception):  # deleting takes another right, which a trainer may well lack
            artifacts.delete_artifacts()
    return location
