"""Deleting records of a sqlite store in one transaction: MLflow's own functions take two for each run."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

KEYS = {"runs": "run_uuid", "logged_models": "model_id"}
ENDS = ("source_id", "destination_id")  # of the table `inputs`, which has no foreign keys


def forget(database: Path, runs: list[str], models: list[str]) -> None:
    """Delete runs, logged models and whatever row refers to them, and give the space back.

    Raises:
        sqlite3.Error: it cannot be done; nothing is deleted then.
    """
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        with connection:
            connection.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
            connection.executemany("INSERT INTO gone VALUES (?)", [(id,) for id in {*runs, *models}])
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                for key in connection.execute(f'PRAGMA foreign_key_list("{name}")').fetchall():
                    _, _, parent, column, _, _, on_delete, _ = key
                    if parent in KEYS:
                        empty = f'UPDATE "{name}" SET "{column}" = NULL'
                        what = empty if on_delete == "SET NULL" else f'DELETE FROM "{name}"'
                        connection.execute(f'{what} WHERE "{column}" IN gone')
            links = " OR ".join(f"{end} IN gone" for end in ENDS)
            connection.execute(
                f"DELETE FROM input_tags WHERE input_uuid IN (SELECT input_uuid FROM inputs WHERE {links})"
            )
            connection.execute(f"DELETE FROM inputs WHERE {links}")
            for name, column in KEYS.items():
                connection.execute(f"DELETE FROM {name} WHERE {column} IN gone")
        with suppress(sqlite3.OperationalError):  # it is being read, or the disk is full: the next time
            connection.execute("VACUUM")
