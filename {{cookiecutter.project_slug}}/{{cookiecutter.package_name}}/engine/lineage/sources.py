"""Where others can get the data: from DVC's remote or, if the data was imported, from its source."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..base.errors import kind_and_line
from ..base.paths import project_root
from ..base.text import masked
from ..storage.problems import UnusableError
from ..storage.remote import has, opened

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo


def why_unavailable(md5: str, path: Path, commit: str = "") -> str:
    """Return why others cannot get the data; empty if they can.

    Args:
        md5: the data's md5.
        path: the data's path, in the project.
        commit: a commit whose `.dvc` file may name the source, if the one in the workspace does not.
    """
    if not md5:
        return "the version does not say which"
    missing = f"{md5[:7]} is missing; `dvc push` it"
    try:
        if _is_in_remote(md5, path):
            return ""
        reason = missing
    except UnusableError as error:
        reason = str(error)
    except Exception as error:  # DVC may refuse before it asks, for example in a folder without git
        reason = f"the remote cannot be asked: {_line(error)}"
    for revision in dict.fromkeys(("", commit)):  # the workspace first
        try:
            with imported_from(path, revision) as source:
                if source is None:
                    continue
                if _md5(*source, md5) == md5:
                    return ""
                reason = f"{md5[:7]} is no longer where it was imported from; `dvc push` it, or `dvc update`"
        except Exception as error:  # each kind of source has its own errors
            if reason == missing:
                reason = f"its source cannot be asked: {_line(error)}"
    return reason


@contextmanager
def imported_from(path: Path, commit: str = "", root: Path | None = None) -> Iterator[tuple[Any, str] | None]:
    """Yield the file system and the path that a file was imported from; None if it was not imported.

    The cache is empty within the block, so that what can be read there can be read by others, too.

    Args:
        path: the file's path, in the project.
        commit: the commit whose `.dvc` file is read; empty for the one in the workspace.
        root: the root of a copy of the project; None for the project itself.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as cache, _repo(commit, cache, root) as repo:
        out = _output(repo, path)
        if out is None or not out.stage.is_import:
            yield None
            return
        (dep,) = out.stage.deps
        rest = out.fs.relpath(_inside(repo, path), out.fs_path)
        yield dep.fs, dep.fs_path if rest == "." else dep.fs.join(dep.fs_path, rest)


def _is_in_remote(md5: str, path: Path) -> bool:
    """Tell whether data is in the project's default remote, or in the one that its `.dvc` file names."""
    with _repo() as repo:
        out = _output(repo, path)
        with opened(name=str(out.remote or "") if out else "") as (_, remote):
            return has(remote, md5)


def _md5(fs: Any, path: str, wanted: str) -> str:
    """Return the md5 of a file at its source; empty if it is not there.

    If the source tracks it with DVC, only the first byte is read, to see that it is there; otherwise all of
    it.
    """
    try:
        known = str(fs.info(path).get("md5", ""))
        if known and known != wanted:
            return known
        with fs.open(path, "rb") as file:
            file.read(1)
            file.seek(0)
            return known or hashlib.file_digest(file, "md5").hexdigest()
    except FileNotFoundError:
        return ""


def _repo(commit: str = "", cache: str = "", root: Path | None = None) -> "Repo":
    from dvc.repo import Repo

    config = {"cache": {"dir": cache}} if cache else None
    return Repo(str(root or project_root()), rev=commit or None, config=config)


def _output(repo: "Repo", path: Path) -> "Output | None":
    """Return the output of DVC at a path or above it; None if there is none."""
    from dvc.exceptions import OutputNotFoundError

    try:
        outs: list[Output] = repo.find_outs_by_path(_inside(repo, path), strict=False)
    except OutputNotFoundError:
        return None
    return outs[0]


def _inside(repo: "Repo", path: Path) -> str:
    return str(repo.fs.join(repo.root_dir, path.as_posix()))


def _line(error: Exception) -> str:
    return masked(kind_and_line(error))
