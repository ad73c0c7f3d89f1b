"""Keeping data that people edit in ordinary files, not in links into DVC's cache, which an edit would damage.

DVC links files if it can, and makes the links read-only; but for root, as in a container, nothing is
read-only. Outputs of stages stay linked: nobody edits them. If root edits a link before it is copied, such as
right after a pull, the version of the last commit in the cache is damaged: see `damaged`.
"""

import os
import stat
from pathlib import Path

from ..base.paths import project_root

DATA = Path("data")
MOST = 100_000_000  # bytes of a file; a larger one stays linked, since no editor opens it


def copy_linked() -> None:
    """Replace the links among the small data files that `.dvc` files name by copies.

    In the folder of a trial, links stay, since nobody edits files there.
    """
    if Path.cwd().resolve().is_relative_to((project_root() / ".dvc" / "tmp").resolve()):
        return
    for entry in DATA.rglob("*.dvc"):
        tracked = entry.with_suffix("")
        links = [file for file in (tracked.rglob("*") if tracked.is_dir() else [tracked]) if _is_link(file)]
        for file in links:
            _copy(file)
        if links:
            from .damaged import delete_damaged  # not at the top: a link in place of edited data is rare

            delete_damaged(entry)


def _is_link(file: Path) -> bool:
    """Tell whether a path is a small file and a hard or symbolic link; DVC never hard-links an empty file."""
    if not file.is_file():
        return False
    state = file.stat()
    return state.st_size <= MOST and (file.is_symlink() or state.st_nlink > 1)


def _copy(file: Path) -> None:
    """Replace a link by a copy with the same time, so that nothing seems to have changed."""
    from shutil import copyfile, copystat  # not at the top, since there is hardly ever a link

    copy = file.with_name(f".copy-{os.getpid()}-{file.name}")
    try:
        copyfile(file, copy)
        copystat(file, copy)
        copy.chmod(copy.stat().st_mode | stat.S_IWUSR)
        copy.replace(file)
    finally:
        copy.unlink(missing_ok=True)
