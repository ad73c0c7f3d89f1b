"""Deleting what an edit through a link has damaged in DVC's cache.

DVC would not notice the damage, and check the edited data out under the old md5: it does not check the
content of a read-only file.
"""

import json
import warnings
from pathlib import Path

from dvc.config import Config

from ..base import git
from ..base.hashing import file_md5
from ..base.paths import project_root
from ..base.yaml import parsed


def delete_damaged(entry: Path) -> None:
    """Delete the files of the last commit that an edit has damaged in DVC's cache, and warn about each."""
    committed = git.text("show", f"HEAD:./{entry.as_posix()}")
    current = entry.read_text(encoding="utf-8")
    if not committed or committed == current:
        return
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
