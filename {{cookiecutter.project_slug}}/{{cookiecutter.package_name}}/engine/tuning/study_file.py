"""The file that keeps the studies of a project, in Optuna's format."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ..base.errors import UserError, first_line, refusal

if TYPE_CHECKING:
    from optuna.storages import BaseStorage


@contextmanager
def open_study_file(path: Path, lock: Path) -> "Iterator[BaseStorage]":
    """Open the file of studies, for one process at a time; creates it if there is none.

    Args:
        path: the path of the file, a SQLite database.
        lock: the lock of the file, by which other searches see that it is in use.

    Raises:
        UserError: another search is running; or the file was not written by Optuna, or cannot be read.
    """
    from optuna.storages import RDBStorage

    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            try:
                file = RDBStorage(f"sqlite:///{path.as_posix()}")
            except Exception as error:  # sqlite's, SQLAlchemy's, alembic's or Optuna's
                refused, reason = refusal(error), first_line(error)
                how = refused if ";" in refused else f"cannot be used ({reason}); delete it to start over"
                raise UserError(f"{path}: {how}") from None
            yield file
    except Timeout:
        raise UserError(f"{path}: another search is running in this project; wait until it ends") from None
