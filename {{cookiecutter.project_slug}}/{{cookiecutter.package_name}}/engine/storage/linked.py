"""Data that people edit is in ordinary files, not in links into DVC's cache, which an edit would damage.

DVC links files where it can, and makes links read-only; for root, as in a container, nothing is read-only.
Outputs of stages stay linked: nobody edits them. If root edits a link before it is copied, as after a pull,
the cache's version of the last commit is damaged. It is deleted: DVC does not look into a read-only file.
"""

import json
import os
import stat
import warnings
from pathlib import Path

from ..base import git
from ..base.hashing import file_md5
from ..base.paths import project_root
from ..base.yaml import parsed

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
        links = [file for file in (tracked.rglob("*") if tracked.is_dir() else [tracked]) if _is_link(file)]
        for file in links:
            _copy(file)
        if links:
            _delete_damaged(entry)


def _delete_damaged(entry: Path) -> None:
    """Delete from DVC's cache what an edit has damaged of the data that the last commit names, and say so."""
    committed = git.text("show", f"HEAD:./{entry.as_posix()}")
    current = entry.read_text(encoding="utf-8")
    if not committed or committed == current:
        return
    from dvc.config import Config  # not at the top: an edit is rare

    root = project_root() / ".dvc"
    cache = Path(Config(str(root))["cache"].get("dir") or root / "cache") / "files" / "md5"
    for md5 in sorted(_md5s(cache, committed) - _md5s(cache, current)):
        cached = _in_cache(cache, md5)
        if cached.is_file() and file_md5(cached) != md5:
            cached.unlink()
            warnings.warn(
                f"{entry.with_suffix('').as_posix()}: a link into DVC's cache was edited, which damaged "
                f"{md5[:7]} there, of the last commit: it is deleted, and `dvc fetch` brings it back",
                stacklevel=1,
            )


def _md5s(cache: Path, entry: str) -> set[str]:
    """List the md5 of the file that a `.dvc` file names, or of each file in its folder."""
    (md5,) = (str(out.get("md5", "")) for out in parsed(entry)["outs"])
    if not md5.endswith(".dir"):
        return {md5}
    listed = _in_cache(cache, md5)
    return {str(file["md5"]) for file in json.loads(listed.read_bytes())} if listed.is_file() else set()


def _in_cache(cache: Path, md5: str) -> Path:
    return cache / md5[:2] / md5[2:]


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
