"""A local store: the file of a sqlite database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..base.files import write
from ..base.paths import project_root
from . import schema

SQLITE = "sqlite:///"


def local_database(uri: str) -> Path | None:
    """Return the file of a sqlite store; None if the URI is that of another store."""
    return Path.cwd() / path_in(uri) if uri.startswith(SQLITE) else None


def path_in(uri: str) -> Path:
    """Return the path in a sqlite URI, which may be relative."""
    return Path(unquote(uri.removeprefix(SQLITE).partition("?")[0]))


def sqlite_uri(database: Path) -> str:
    """Return the URI of a sqlite store.

    If the path contains a `?`, which begins the options of a URI, or a `%`, which begins the code of a
    character, it is made relative to the current folder: MLflow does not decode it, and would create folders
    with such names.
    """
    path = database.as_posix()
    if "%" in path or "?" in path:
        path = Path(os.path.relpath(database)).as_posix()
    return SQLITE + path.replace("%", "%25").replace("?", "%3F")


def local_folder(uri: str) -> Path | None:
    """Return the folder that an artifact URI names; None if it is not on this machine."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    if os.name == "nt":
        from urllib.request import url2pathname  # this imports all of HTTP

        return Path(url2pathname(parts.path))
    return Path(unquote(parts.path))


def create(database: Path) -> None:
    """Create the file of a store: either it is complete, or it is not there.

    MLflow makes its tables in some fifty migrations, which write the file through to the disk a thousand
    times. Here this is done once, at the end; and if the tables of this version are known, they are there
    before.
    """
    write(database, _create)


def _create(database: Path) -> None:
    import mlflow
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    schema.fill(database)
    connections: list[Any] = []

    def hurry(connection: Any, record: object) -> None:
        connections.append(connection)
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", hurry)
    try:
        mlflow.MlflowClient(sqlite_uri(database))
    finally:
        event.remove(Engine, "connect", hurry)
        for connection in connections:  # Windows does not move an open file
            connection.close()
    with database.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def one_process_at_a_time(uri: str) -> Iterator[None]:
    """Lock a local store within the block; two processes that create one at the same time would collide."""
    database = local_database(uri)
    if database is None:
        yield
        return
    from filelock import FileLock  # register, when all is registered, does without

    lock = project_root() / ".dvc" / "tmp" / "mlflow-store.lock"
    if database.exists() and not os.access(lock if lock.exists() else project_root(), os.W_OK):
        yield  # a process that may not write here, such as a prediction server, creates nothing
        return
    for file in (lock, database):
        file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield
