"""Restoring a backup: into empty places or, with an option, in place of what is there."""

from datetime import UTC, datetime
from pathlib import Path

from ..base.errors import UserError
from ..base.paths import project_root
from ..tracking import moved
from .database import Sqlite
from .files import for_each
from .manifest import ARTIFACTS, NAME, Manifest
from .place import Place


def restore(backup: Path, manifest: Manifest, place: Place, replace: bool) -> list[Path]:
    """Restore a backup; nothing is touched before all of its files have been checked.

    Args:
        backup: the backup's folder.
        manifest: the backup's list of its content.
        place: where to restore it; its databases must be of the same kinds as those in the backup.
        replace: whether existing content may be replaced; files and folders are kept under new names.

    Returns:
        The new paths of existing files and folders.

    Raises:
        UserError: the backup is damaged or its databases are of other kinds, or there is existing content and
            `replace` is not set.
    """
    manifest.check(backup)
    for of, database in place.databases.items():
        dump = manifest.databases.get(of)
        if dump is None:
            raise UserError(f"{backup}: has no dump of the {of}: it was made without --{of}")
        if Path(dump).suffix != database.suffix:
            kind = "an sqlite file" if dump.endswith(Sqlite.suffix) else "a PostgreSQL database"
            raise UserError(
                f"{backup}: the {of} was {kind}, and cannot be restored into another kind of database; "
                "`tracking import` brings the store of an sqlite file into a server's"
            )
    kept = _put_aside(place) if replace else _check_empty(place)
    paths = [path for path in manifest.files if path.startswith(f"{ARTIFACTS}/")]
    # the files first: if this is interrupted, no row names a file that does not exist
    for_each(paths, lambda path: place.files.put(path.removeprefix(f"{ARTIFACTS}/"), backup / path))
    for of, database in place.databases.items():
        database.load(backup / manifest.databases[of])
    store = place.databases["store"]
    if place.is_embedded and isinstance(store, Sqlite):
        moved.repair(store.file, project_root())  # the project may have been moved since the backup
    return kept


def _check_empty(place: Place) -> list[Path]:
    """Check that a place is empty.

    Raises:
        UserError: a database or the folder of the artifacts is not empty.
    """
    for of, database in place.databases.items():
        if not database.is_empty():
            raise UserError(f"the database of the {of} is not empty: --replace puts the backup in its place")
    if (folder := _folder(place)) and folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder}: is not empty: --replace puts the backup in its place")
    return []


def _put_aside(place: Place) -> list[Path]:
    """Rename the file of each database, and the folder of the artifacts; return the new names."""
    now = datetime.now(UTC).strftime(NAME)
    there = [database.file for database in place.databases.values() if isinstance(database, Sqlite)]
    there += [folder] if (folder := _folder(place)) else []
    return [path.rename(path.with_name(f"{path.name}.replaced-{now}")) for path in there if path.exists()]


def _folder(place: Place) -> Path | None:
    """Return the folder of the artifacts; None if they are in an object store."""
    return Path(place.files.root) if place.files.is_local else None
