"""A local store whose project was moved: MLflow keeps the absolute paths of artifacts."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ..base.errors import UserError
from ..base.paths import PACKAGE

# where MLflow 3 keeps them; each begins with the artifact location of an experiment
COLUMNS = {
    "experiments": "artifact_location",
    "runs": "artifact_uri",
    "logged_models": "artifact_location",
    "model_versions": "storage_location",
}


def check(database: Path, root: Path, locations: list[str]) -> None:
    """Refuse to log into the folder that a project was moved, or copied, from.

    Args:
        database: the store's file.
        root: the project's root.
        locations: the artifact locations of the project's experiments.

    Raises:
        UserError: one of them is another folder's `mlruns`.
    """
    for location in locations:
        if is_stale(database, root, location):
            raise UserError(
                f"{database.name}: its artifacts are said to be in {location}, but the project is in {root}: "
                f"it was moved or copied; `python -m {PACKAGE} repair-paths` corrects the paths"
            )


def is_stale(database: Path, root: Path, location: str) -> bool:
    """Tell whether a location is the `mlruns` of another folder than the project that has the store."""
    own = (root / "mlruns").as_uri()
    return (
        database.is_relative_to(root)
        and location.startswith("file:")
        and location.endswith("/mlruns")
        and location != own
    )


def repair(database: Path, root: Path) -> dict[str, int]:
    """Point a local store's artifacts to the project's `mlruns`, all of them or none.

    Returns:
        For each kind of record, how many were changed; none if nothing was stale.
    """
    own = (root / "mlruns").as_uri()
    changed: dict[str, int] = {}
    with closing(sqlite3.connect(database)) as connection, connection:
        listed = [location for (location,) in connection.execute("SELECT artifact_location FROM experiments")]
        for old in {location for location in listed if is_stale(database, root, location)}:
            for table, column in COLUMNS.items():
                done = connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (own, len(old) + 1, old, len(old) + 1, f"{old}/"),
                )
                changed[table] = changed.get(table, 0) + done.rowcount
    return changed
