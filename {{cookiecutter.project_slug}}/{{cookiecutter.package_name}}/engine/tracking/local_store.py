"""A local store: the file of a sqlite database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from filelock import FileLock

from ..base.paths import project_root

SQLITE = "sqlite:///"


def local_database(uri: str) -> Path | None:
    """Return the file of a sqlite store; None if the URI is that of another store."""
    return Path.cwd() / path_in(uri) if uri.startswith(SQLITE) else None


def path_in(uri: str) -> Path:
    """Return the path in a sqlite URI, which may be relative."""
    return Path(unquote(uri.removeprefix(SQLITE).partition("?")[0]))


def sqlite_uri(database: Path) -> str:
    """Return the URI of a sqlite store.

    If the path has a `?`, which begins the options of a URI, or a `%`, which begins the code of a character,
    it is made relative to the current folder: MLflow does not decode it, and would make folders of that name.
    """
    path = database.as_posix()
    if "%" in path or "?" in path:
        path = Path(os.path.relpath(database)).as_posix()
    return SQLITE + path.replace("%", "%25").replace("?", "%3F")


@contextmanager
def one_process_at_a_time(uri: str) -> Iterator[None]:
    """Lock a local store within the block; two processes that create one at the same time would collide."""
    database = local_database(uri)
    if database is None:
        yield
        return
    lock = project_root() / ".dvc" / "tmp" / "mlflow-store.lock"
    for file in (lock, database):
        file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield
