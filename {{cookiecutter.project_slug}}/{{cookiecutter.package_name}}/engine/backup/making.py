"""Making a backup: the database and the artifacts, consistent with each other, while the store is in use.

The database is copied first, as it is at one moment; then the artifacts. MLflow writes a model's files before
the row that says that they exist, and does not change them later. So the copied files include everything that
the database names, and files that were added after that moment do no harm.
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ..base.errors import UserError
from .database import VERSION
from .files import Stored, for_each
from .manifest import ARTIFACTS, NAME, Copied, Manifest, backups_in, digest, time_of
from .place import Place
from .retention import Retention

VERSIONS = "SELECT name, version, storage_location FROM model_versions"


def make(place: Place, folder: Path, report: Callable[[int], None]) -> Path:
    """Make a backup in a folder of backups; files that the newest backup has, too, are linked to it.

    Args:
        place: the store's place.
        folder: the folder of the backups.
        report: a callable that is given the number of files so far.

    Returns:
        The backup's folder.

    Raises:
        UserError: the store cannot be read, or another backup is being made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            while (final := folder / datetime.now(UTC).strftime(NAME)).exists():
                time.sleep(0.1)  # until the next second, which gives another name
            for left in folder.glob("*.part"):  # left by a backup that was interrupted
                shutil.rmtree(left)
            partial = final.with_name(f"{final.name}.part")
            try:
                older = backups_in(folder)
                manifest = _copy(place, partial, older[-1] if older else None, report)
                manifest.write(partial)
                partial.rename(final)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            return final
    except Timeout:
        raise UserError(f"{folder}: another backup is being made there") from None


def prune(folder: Path, retention: Retention) -> list[Path]:
    """Delete the backups that need not be kept, and return their folders."""
    times = {time: backup for backup in backups_in(folder) if (time := time_of(backup))}
    kept = retention.kept(list(times))
    gone = [backup for time, backup in times.items() if time not in kept]
    for backup in gone:
        shutil.rmtree(backup)
    return gone


def _copy(place: Place, to: Path, before: Path | None, report: Callable[[int], None]) -> Manifest:
    """Copy the databases, then the artifacts, into a new folder."""
    to.mkdir()
    names = {of: f"{of}{database.suffix}" for of, database in place.databases.items()}
    copied: dict[str, Copied] = {}
    for of, name in names.items():
        place.databases[of].dump(to / name)
        copied[name] = Copied((to / name).stat().st_size, "", digest(to / name))
    ((schema, *_), *_) = place.databases["store"].ask(VERSION)
    versions = place.databases["store"].ask(VERSIONS)
    listed = place.files.listed()
    known = Manifest.read(before).files if before else {}

    def copy(path: str) -> None:
        name = f"{ARTIFACTS}/{path}"
        was = known.get(name)
        if before and was and _linked(before / name, to / name, was, listed[path]):
            copied[name] = was
        else:
            place.files.get(path, to / ARTIFACTS)
            file = to / name
            copied[name] = Copied(file.stat().st_size, listed[path].mark, digest(file))
        report(len(copied))

    for_each(sorted(listed), copy)
    lost = [
        f"{name} version {version}"
        for name, version, location in versions
        if (at := place.files.at(location)) is not None and f"{at.rstrip('/')}/MLmodel" not in listed
    ]
    return Manifest(schema, place.files.uri, names, dict(sorted(copied.items())), sorted(lost))


def _linked(old: Path, new: Path, was: Copied, now: Stored) -> bool:
    """Link a file to that of the previous backup, if it has not changed; tell whether it is linked."""
    if (was.size, was.mark) != (now.size, now.mark):
        return False
    with suppress(OSError):  # the old file is gone, or the file system has no links: the file is copied
        new.parent.mkdir(parents=True, exist_ok=True)
        os.link(old, new)
        return True
    return False
