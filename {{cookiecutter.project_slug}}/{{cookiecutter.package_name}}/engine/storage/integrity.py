"""Whether the remote has every committed file, unchanged: DVC itself only looks at its own notes.

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

FOLDER = ".dir"  # the end of the md5 of a folder, whose object lists the files in it
MD5 = re.compile("[0-9a-f]{32}")
PART = 1 << 20


@dataclass(frozen=True)
class Damage:
    """A file that the remote lacks, or has in another state."""

    md5: str
    path: str  # in the project
    problem: str
    is_here: bool  # whether the cache has it as it was


def damages(repo: "Repo", remote: "Remote", all_commits: bool) -> tuple[int, list[Damage]]:
    """Compare what is committed with what the remote has.

    Args:
        repo: the project's repository.
        remote: its default remote.
        all_commits: whether to look at what all commits name; else at what the workspace names.

    Returns:
        How many files are needed, and those that are damaged.

    Raises:
        UnusableError: the remote cannot be read from here.
    """
    check_readable(remote)
    needed = _needed(repo, remote, all_commits)
    try:
        stored = _stored(remote)
        problems = {md5: _problem(repo, remote, md5, stored.get(md5)) for md5 in needed}
    except Exception as error:  # each kind of remote has errors of its own
        raise unusable(address(remote), error) from error
    found = [
        Damage(md5, path, problems[md5], file_md5(_cached(repo, md5)) == md5.removesuffix(FOLDER))
        for md5, path in needed.items()
        if problems[md5]
    ]
    return len(needed), found


def repair(repo: "Repo", remote: "Remote", damaged: list[Damage]) -> None:
    """Send files again that the cache has; a folder's list goes last, as by `dvc push`.

    Raises:
        UnusableError: the remote does not take them.
    """
    from dvc_data.hashfile.db import get_index

    odb = remote.odb
    get_index(odb).clear()  # DVC's notes of what the remote has
    try:
        for damage in sorted(damaged, key=lambda damage: damage.md5.endswith(FOLDER)):
            if odb.exists(damage.md5):
                odb.delete(damage.md5)
            odb.add(str(_cached(repo, damage.md5)), repo.cache.local.fs, damage.md5, check_exists=False)
    except Exception as error:  # each kind of remote has errors of its own
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
    """List the md5 and the path of an output and, if it is a folder, of the files in it."""
    from dvc_data.hashfile.tree import Tree

    path = Path(out.fs_path).relative_to(repo.root_dir).as_posix()
    yield str(out.hash_info.value), path
    if not out.hash_info.isdir:
        return
    for odb in (repo.cache.local, remote.odb):
        try:
            tree = Tree.load(odb, out.hash_info)
        except Exception:  # neither has the list: it is itself among what is missing
            continue
        yield from ((str(of.value), f"{path}/{'/'.join(name)}") for name, _, of in tree)
        return


def _stored(remote: "Remote") -> dict[str, dict[str, Any]]:
    """Return what the remote says of each of its files, by md5."""
    if remote.fs.protocol == "local":
        paths = [path for path in Path(remote.odb.path).glob("*/*") if path.is_file()]
        return {path.parent.name + path.name: {"size": path.stat().st_size} for path in paths}
    try:
        files = remote.fs.fs.find(remote.odb.path, detail=True)
    except FileNotFoundError:
        return {}
    return {"".join(path.split("/")[-2:]): about for path, about in files.items()}


def _problem(repo: "Repo", remote: "Remote", md5: str, about: Mapping[str, Any] | None) -> str:
    """Say what is wrong with a file in the remote; its content is read only if there is a reason to."""
    if about is None:
        return "missing"
    cached = _cached(repo, md5)
    if cached.is_file() and cached.stat().st_size != about.get("size"):
        return "of another size"
    # S3's ETag is the md5 of what was sent in one part and without a key
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
