"""Which clone of the project made a run: in a store that others use, each may judge its own only."""

import hashlib
import socket
import uuid
from pathlib import Path

from filelock import FileLock

from ..base import git
from ..base.files import write_text

CLONE = "clone"  # the tag of a run with the clone that made it
MARK = "clone-mark"  # the file in .git that tells it from one which later stands in its place


def clone(root: Path) -> str:
    """Return what tells this clone of the project from all others: a digest of its machine, folder and mark.

    Worktrees are of the same clone: they see the same commits and experiments.
    """
    found = git.text("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=root)
    folder = Path(found) if found else root / ".dvc" / "tmp"
    return hashlib.md5(f"{socket.gethostname()} {folder} {_mark(folder)}".encode()).hexdigest()[:12]


def _mark(folder: Path) -> str:
    """Return the mark that a folder keeps, making it the first time.

    Where it cannot be written, each time has another: what cannot be known to be ours is somebody's.
    """
    file, new = folder / MARK, uuid.uuid4().hex
    try:
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(file.with_suffix(".lock")):
                if not file.exists():
                    write_text(file, new)
        return file.read_text("utf-8")
    except OSError:
        return new
