"""Which clone of the project made a run: in a store that others use, too, each cleans up its own."""

import hashlib
import socket
import uuid
from pathlib import Path

from ..base import git
from ..base.files import write_text

CLONE = "clone"  # the tag of a run with the id of the clone that made it
MARK = "clone-mark"  # the file in .git that distinguishes this clone from a later one in the same folder


def clone_id(root: Path) -> str:
    """Return an id that no other clone of the project has: a digest of its machine, folder and mark.

    The worktrees of a clone have the same id: they see the same commits and experiments.
    """
    git_folder = git.text("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=root)
    folder = Path(git_folder) if git_folder else root / ".dvc" / "tmp"
    return hashlib.md5(f"{socket.gethostname()} {folder} {_mark(folder)}".encode()).hexdigest()[:12]


def _mark(folder: Path) -> str:
    """Return the mark in a folder; write one if there is none.

    If it cannot be written, the mark is different each time, so that no run is taken to be this clone's.
    """
    file, new = folder / MARK, uuid.uuid4().hex
    try:
        if not file.exists():
            from filelock import FileLock  # imported here: a `register` with nothing to do does not need it

            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(file.with_suffix(".lock")):
                if not file.exists():
                    write_text(file, new)
        return file.read_text("utf-8")
    except OSError:
        return new
