"""Checking that the remote has every committed file unchanged; DVC itself only looks at its own notes.

If a folder is in the remote, `dvc push` and `dvc status --cloud` assume that the files in it are, too.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.hashing import file_md5
from .problems import unusable
from .remote import address, check_readable

if TYPE_CHECKING:
    from dvc.data_cloud import Remote
    from dvc.output import Output
    from dvc.repo import Repo

FOLDER = ".dir"  # ends the md5 of a folder, whose object lists the files in it
MD5 = re.compile("[0-9a-f]{32}")
PART = 1 << 20


@dataclass(frozen=True)
class Damage:
    """A file that the remote lacks, or has in another state."""

    md5: str
    path: str  # in the project
    problem: str
    is_here: bool  # whether the cache has the file unchanged


def damages(repo: "Repo", remote: "Remote", all_commits: bool) -> tuple[int, list[Damage]]:
    """Compare what is committed with what the remote has.

    Args:
        repo: the project's repository.
        remote: its default remote.
        all_commits: whether to check the files of all commits; otherwise only those of the workspace.

    Returns:
        The number of files that are needed, and the damaged files.

    Raises:
        UnusableError: the remote cannot be read from here.
    """
    check_readable(remote)
    needed = _needed(repo, remote, all_commits)
    try:
        stored = _stored(remote)
        problems = {md5: _problem(repo, remote, md5, stored.get(md5)) for md5 in needed}
    except Exception as error:  # each kind of remote raises its own errors
        raise unusable(address(remote), error) from error
    found = [
        Damage(md5, path, problems[md5], file_md5(_cached(repo, md5)) == md5.removesuffix(FOLDER))
        for md5, path in needed.items()
        if problems[md5]
    ]
    return len(needed), found


def repair(repo: "Repo", remote: "Remote", damaged: list[Damage]) -> None:
    """Send damaged files of the cache again; the list of a folder goes last, as with `dvc push`.

    Raises:
        UnusableError: the remote does not accept them.
    """
    from dvc_data.hashfile.db import get_index

    odb = remote.odb
    get_index(odb).clear()  # DVC's notes about what the remote has
    try:
        for damage in sorted(damaged, key=lambda damage: damage.md5.endswith(FOLDER)):
            if odb.exists(damage.md5):
                odb.delete(damage.md5)
            odb.add(str(_cached(repo, damage.md5)), repo.cache.local.fs, damage.md5, check_exists=False)
    except Exception as error:  # each kind of remote raises its own errors
        raise unusable(address(remote), error) from error


def _needed(repo: "Repo", remote: "Remote", all_commits: bool) -> dict[str, str]:
    """Return the path of each file that has to be in the remote, by its md5."""
    needed: dict[str, str] = {}
    for _ in repo.brancher(all_commits=all_commits):
        for out in repo.index.outs:
            if out.use_cache and out.can_push and out.hash_info and not (out.remote or out.stage.is_import):
                for md5, path in _files(repo, remote, out):
                    needed.setdefault(md5, path)
    return needed


def _files(repo: "Repo", remote: "Remote", out: "Output") -> Iterator[tuple[str, str]]:
    """Yield the md5 and the path of an output and, if it is a folder, of each file in it."""
    from dvc_data.hashfile.tree import Tree

    path = Path(out.fs_path).relative_to(repo.root_dir).as_posix()
    yield str(out.hash_info.value), path
    if not out.hash_info.isdir:
        return
    for odb in (repo.cache.local, remote.odb):
        try:
            tree = Tree.load(odb, out.hash_info)
        except Exception:  # the list cannot be read here; if neither has it, it is itself reported as missing
            continue
        yield from ((str(of.value), f"{path}/{'/'.join(name)}") for name, _, of in tree)
        return


def _stored(remote: "Remote") -> dict[str, dict[str, Any]]:
    """Return what the remote says about each of its files, by md5."""
    if remote.fs.protocol == "local":
        paths = [path for path in Path(remote.odb.path).glob("*/*") if path.is_file()]
        return {path.parent.name + path.name: {"size": path.stat().st_size} for path in paths}
    try:
        files = remote.fs.fs.find(remote.odb.path, detail=True)
    except FileNotFoundError:
        return {}
    return {"".join(path.split("/")[-2:]): about for path, about in files.items()}


def _problem(repo: "Repo", remote: "Remote", md5: str, about: Mapping[str, Any] | None) -> str:
    """Return what is wrong with a file in the remote; its content is only read if nothing else tells."""
    if about is None:
        return "missing"
    cached = _cached(repo, md5)
    if cached.is_file() and cached.stat().st_size != about.get("size"):
        return "of another size"
    # S3's ETag is the md5 of an object that was sent in one part and is not encrypted by a key
    tag = str(about.get("ETag", "")).strip('"')
    wanted = md5.removesuffix(FOLDER)
    is_certain = remote.fs.protocol != "local" and (tag == wanted or not MD5.fullmatch(tag))
    return "" if is_certain or _hash(remote, md5) == wanted else "of another content"


def _hash(remote: "Remote", md5: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with remote.fs.open(remote.odb.oid_to_path(md5), "rb") as file:
        while part := file.read(PART):
            digest.update(part)
    return digest.hexdigest()


def _cached(repo: "Repo", md5: str) -> Path:
    return Path(repo.cache.local.oid_to_path(md5))
