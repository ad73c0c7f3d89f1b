"""DVC's md5 of a file or folder: computed once, and on another core if its path is known early."""

import hashlib
import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread

from .files import files_in
from .yaml import read_block

_HASHING = Lock()  # no file is hashed twice


def begin_to_hash(*paths: Path) -> None:
    """Begin to hash files, and those in folders, on another core; `file_md5` then waits for its file."""

    def work() -> None:
        with suppress(OSError):  # the stage itself meets the same error, and reports it
            for path in paths:
                path_md5(path)

    Thread(target=work, daemon=True).start()  # a daemon: the process does not wait for the thread at its end


def file_md5(path: Path) -> str:
    """Return DVC's md5 of a file, which is that of its bytes; empty if there is no file."""
    if not path.is_file():
        return ""
    try:
        stat = path.stat()
        with _HASHING:
            return _file_md5(path.resolve(), stat.st_size, stat.st_mtime_ns)
    except FileNotFoundError:  # it was moved meanwhile, like an unfinished file
        return ""


@lru_cache
def _file_md5(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def folder_md5(folder: Path) -> str:
    """Return DVC's md5 of a folder: that of a list of its files and their md5s, and `.dir`.

    See https://dvc.org/doc/user-guide/project-structure/internal-files#structure-of-the-cache-directory.
    """
    files = [
        {"md5": file_md5(file), "relpath": file.relative_to(folder).as_posix()} for file in files_in(folder)
    ]
    listed = sorted(files, key=lambda file: file["relpath"])
    return hashlib.md5(json.dumps(listed, sort_keys=True).encode()).hexdigest() + ".dir"


def path_md5(path: Path) -> str:
    """Return DVC's md5 of a file or a folder; empty if the path does not exist."""
    return folder_md5(path) if path.is_dir() else file_md5(path)


def md5_or_locked(path: Path) -> str:
    """Return a file's or folder's md5, or that in dvc.lock if DVC went on without it (`--allow-missing`)."""
    lock = Path("dvc.lock")
    if path.exists() or not lock.is_file():
        return path_md5(path)
    stages = read_block(lock)["stages"].values()
    locked = [dep for stage in stages for dep in stage.get("deps", []) if Path(dep["path"]) == path]
    return str(locked[0].get("md5", "")) if locked else ""
