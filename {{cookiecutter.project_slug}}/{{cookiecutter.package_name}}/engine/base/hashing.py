"""DVC's md5 of a file: told once, and on another core if it is known early which file it will be."""

import hashlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread

from .yaml import read_block

_HASHING = Lock()  # no file is hashed twice


def hash_ahead(*paths: Path) -> None:
    """Begin to hash files, on another core, while this one reads them; `file_md5` then waits for the rest."""

    def work() -> None:
        with suppress(OSError):  # the stage itself will say so, in a line
            for path in paths:
                file_md5(path)

    Thread(target=work, daemon=True).start()  # which nobody waits for if the stage ends before


def file_md5(path: Path) -> str:
    """Return DVC's md5 of a file, which is that of its bytes; empty if there is none."""
    if not path.is_file():
        return ""
    stat = path.stat()
    with _HASHING:
        return _file_md5(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache
def _file_md5(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def md5_or_locked(path: Path) -> str:
    """Return a file's md5; that in dvc.lock if DVC made do without the file (`--allow-missing`)."""
    lock = Path("dvc.lock")
    if path.is_file() or not lock.is_file():
        return file_md5(path)
    stages = read_block(lock)["stages"].values()
    locked = [dep for stage in stages for dep in stage.get("deps", []) if Path(dep["path"]) == path]
    return str(locked[0].get("md5", "")) if locked else ""
