"""A local store whose project was moved: MLflow records the absolute paths of artifacts."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ..base.errors import UserError
from ..base.paths import PACKAGE

# the columns in which MLflow 3 records paths; each path begins with the artifact location of an experiment
COLUMNS = {
    "experiments": "artifact_location",
    "runs": "artifact_uri",
    "logged_models": "artifact_location",
    "model_versions": "storage_location",
}


def check(database: Path, root: Path, locations: list[str]) -> None:
    """Check that artifacts are not logged to the folder that the project was moved or copied from.

    Args:
        database: the store's file.
        root: the project's root.
        locations: the artifact locations of the project's experiments, as URIs.

    Raises:
        UserError: one of the locations is the `mlruns` of another folder.
    """
    for location in locations:
        if is_stale(database, root, location):
            raise UserError(
                f"{database.name}: its artifacts are in {location}, but the project is in {root}: "
                f"it was moved or copied; `python -m {PACKAGE} repair-paths` corrects the paths"
            )


def is_stale(database: Path, root: Path, location: str) -> bool:
    """Tell whether a location is the `mlruns` of another folder, though the store is in the project."""
    own = (root / "mlruns").as_uri()
    return (
        database.is_relative_to(root)
        and location.startswith("file:")
        and location.endswith("/mlruns")
        and location != own
    )


def repair(database: Path, root: Path) -> dict[str, int]:
    """Change all stale artifact paths in a local store to the project's `mlruns`, in one transaction.

    Returns:
        The number of changed rows by table; empty if no path was stale.
    """
    own = (root / "mlruns").as_uri()
    changed: dict[str, int] = {}
    with closing(sqlite3.connect(database)) as connection, connection:
        listed = [location for (location,) in connection.execute("SELECT artifact_location FROM experiments")]
        for old in {location for location in listed if is_stale(database, root, location)}:
            for table, column in COLUMNS.items():
                update = connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (own, len(old) + 1, old, len(old) + 1, f"{old}/"),
                )
                changed[table] = changed.get(table, 0) + update.rowcount
    return changed
