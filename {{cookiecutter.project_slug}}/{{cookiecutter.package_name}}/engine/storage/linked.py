"""Keeping data that people edit in ordinary files, not in links into DVC's cache, which an edit would damage.

DVC links files if it can, and makes the links read-only; but for root, as in a container, nothing is
read-only. Outputs of stages stay linked: nobody edits them. If root edits a link before it is copied, such as
right after a pull, the version of the last commit in the cache is damaged. It is deleted, since DVC would not
notice: it does not check the content of a read-only file.
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
            _delete_damaged(entry)


def _delete_damaged(entry: Path) -> None:
    """Delete the files of the last commit that an edit has damaged in DVC's cache, and warn about each."""
    committed = git.text("show", f"HEAD:./{entry.as_posix()}")
    current = entry.read_text(encoding="utf-8")
    if not committed or committed == current:
        return
    from dvc.config import Config  # not at the top, since edits are rare

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
    """Return the md5 of the file that a `.dvc` file names, or those of the files in its folder."""
    (md5,) = (str(out.get("md5", "")) for out in parsed(entry)["outs"])
    if not md5.endswith(".dir"):
        return {md5}
    listed = _in_cache(cache, md5)
    return {str(file["md5"]) for file in json.loads(listed.read_bytes())} if listed.is_file() else set()


def _in_cache(cache: Path, md5: str) -> Path:
    return cache / md5[:2] / md5[2:]


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
