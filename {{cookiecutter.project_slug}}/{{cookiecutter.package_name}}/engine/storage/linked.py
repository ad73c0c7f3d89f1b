"""Data that people edit is in ordinary files, not in links into DVC's cache, which an edit would damage.

DVC links files where it can, and makes links read-only; for root, as in a container, nothing is read-only.
Outputs of stages stay linked: nobody edits them.
"""

import os
import stat
from pathlib import Path

from ..base.paths import project_root

DATA = Path("data")
MOST = 100_000_000  # bytes of a file; a larger one stays linked, since no editor opens it


def copy_linked() -> None:
    """Make each small file of data that a `.dvc` file names a file of its own, if it is a link.

    In a trial's own folder nobody edits: there, links stay.
    """
    if Path.cwd().resolve().is_relative_to((project_root() / ".dvc" / "tmp").resolve()):
        return
    for entry in DATA.rglob("*.dvc"):
        tracked = entry.with_suffix("")
        for file in tracked.rglob("*") if tracked.is_dir() else [tracked]:
            if _is_link(file):
                _copy(file)


def _is_link(file: Path) -> bool:
    """Tell whether a small file is a hard or a symbolic link; DVC writes no hard link of an empty file."""
    if not file.is_file():
        return False
    state = file.stat()
    return state.st_size <= MOST and (file.is_symlink() or state.st_nlink > 1)


def _copy(file: Path) -> None:
    """Put a copy into the place of a link, with the same time, so that nothing seems to have changed."""
    from shutil import copyfile, copystat  # not at the top: there is hardly ever a link

    copy = file.with_name(f".copy-{os.getpid()}-{file.name}")
    try:
        copyfile(file, copy)
        copystat(file, copy)
        copy.chmod(copy.stat().st_mode | stat.S_IWUSR)
        copy.replace(file)
    finally:
        copy.unlink(missing_ok=True)
