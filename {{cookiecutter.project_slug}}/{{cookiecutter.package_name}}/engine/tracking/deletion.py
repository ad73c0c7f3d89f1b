"""Deleting runs and logged models for good: the one place that depends on what MLflow does not document.

MLflow's public way is `mlflow gc`, after `delete_run` and `delete_logged_model`. It cannot be used here: with
the runs that it is told to delete, it also deletes every experiment in MLflow's trash, which the user might
have restored. It takes a transaction or two for each run, leaves rows that refer to the run, and does not
shrink the database. So this module deletes the files through MLflow's artifact repository and the rows by
SQL. A test fails, and names this module, if a new version of MLflow changes either.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .local_store import local_database, local_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from .cleanup import Unneeded

KEYS = {"runs": "run_uuid", "logged_models": "model_id"}  # the tables, and the columns with the ids
LINKS = ("source_id", "destination_id")  # columns of the table `inputs`, which has no foreign keys


def delete(client: "MlflowClient", unneeded: "Unneeded", with_files: bool = False) -> None:
    """Delete runs and logged models: in a sqlite store for good, with their files; elsewhere only mark them.

    Args:
        client: the store's client.
        unneeded: what to delete.
        with_files: whether, on a server, to delete the logged models' files, too, which `mlflow gc` leaves
            there.

    Files are deleted first: if this is interrupted, the rows are still there, and the next call finishes it.

    Raises:
        sqlite3.Error: the database refuses it; no row is deleted then.
    """
    database = local_database(client.tracking_uri)
    if database is None:  # the server can restore them until `mlflow gc` is run there
        for run in unneeded.runs:
            client.delete_run(run.info.run_id)
        for model in unneeded.logged_models:
            client.delete_logged_model(model.model_id)
            if with_files:
                delete_files(model.artifact_location)
        return
    for uri in unneeded.artifact_uris:
        delete_files(uri)
    ids = [run.info.run_id for run in unneeded.runs], [model.model_id for model in unneeded.logged_models]
    delete_rows(database, *ids)


def delete_files(uri: str) -> None:
    """Delete the files at an artifact URI, and the folder that held only them."""
    from mlflow.store.artifact.artifact_repository_registry import (
        get_artifact_repository,
    )

    get_artifact_repository(uri).delete_artifacts()
    folder = local_folder(uri)
    if folder and folder.parent.is_dir() and not any(folder.parent.iterdir()):
        folder.parent.rmdir()


def delete_rows(database: Path, runs: list[str], models: list[str]) -> None:
    """Delete runs, logged models and every row that refers to them in one transaction, and shrink the file.

    Args:
        database: the file of a sqlite store.
        runs: ids.
        models: ids of logged models.

    Raises:
        sqlite3.Error: the database refuses it; nothing is deleted then.
    """
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        with connection:
            connection.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
            connection.executemany("INSERT INTO gone VALUES (?)", [(id,) for id in {*runs, *models}])
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                _delete_references(connection, table)
            linked = " OR ".join(f"{column} IN gone" for column in LINKS)
            connection.execute(
                f"DELETE FROM input_tags WHERE input_uuid IN (SELECT input_uuid FROM inputs WHERE {linked})"
            )
            connection.execute(f"DELETE FROM inputs WHERE {linked}")
            for table, column in KEYS.items():
                connection.execute(f"DELETE FROM {table} WHERE {column} IN gone")
        # the file is in use, or the disk is full: the next call does it
        with suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")


def size(uris: list[str]) -> int:
    """Return the size of the files at artifact URIs in bytes; those that are elsewhere count as 0."""
    folders = (local_folder(uri) for uri in uris)
    files = (file for folder in folders if folder for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files)


def _delete_references(connection: sqlite3.Connection, table: str) -> None:
    """Delete a table's rows that refer to something in the table `gone`, as its foreign keys declare."""
    for key in connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall():
        _, _, parent, column, _, _, on_delete, _ = key
        if parent in KEYS:
            emptied = f'UPDATE "{table}" SET "{column}" = NULL'
            change = emptied if on_delete == "SET NULL" else f'DELETE FROM "{table}"'
            connection.execute(f'{change} WHERE "{column}" IN gone')
