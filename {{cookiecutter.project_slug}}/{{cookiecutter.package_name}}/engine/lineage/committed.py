"""What a commit has in the project: files, told apart as DVC does by the md5 of their bytes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ruamel.yaml.error import YAMLError

from ..base import git
from ..base.yaml import parsed

_READ: dict[str, bytes] = {}  # files by git's id


def blobs(commit: str, paths: Iterable[str]) -> dict[str, str]:
    """Return git's id of each file that a commit has at or under some paths in the project."""
    listed = git.output("ls-tree", "-r", "-z", commit, "--", *paths) or b""
    entries = (line.partition("\t") for line in listed.decode("utf-8", "surrogateescape").split("\0") if line)
    return {path: told.split()[2] for told, _, path in entries}


def blobs_of_all(commits: list[str], paths: Iterable[str]) -> list[dict[str, str]]:
    """Return, for each of many commits, git's id of each of these files that it has: git is started once."""
    paths = list(paths)
    if not commits:
        return []
    asked = "".join(f"{commit}:./{path}\n" for commit in commits for path in paths)
    answers = iter(git.decoded(git.ask("cat-file", "--batch-check", given=git.encoded(asked))).splitlines())
    found = ({path: next(answers).split() for path in paths} for _ in commits)
    return [{path: told[0] for path, told in one.items() if told[1:2] == ["blob"]} for one in found]


def all_with(text: str, path: str, commits: list[str]) -> set[str]:
    """Return those of many commits whose file has a text."""
    found: set[str] = set()
    for start in range(0, len(commits) if text else 0, 500):
        some = commits[start : start + 500]
        said = git.text("grep", "--text", "-l", "--fixed-strings", "-e", text, *some, "--", path) or ""
        found |= {line.partition(":")[0] for line in said.splitlines()}
    return found


def is_at(commit: str, path: str, md5: str, there: Mapping[str, str]) -> bool:
    """Tell whether a commit has a file, or a folder, of DVC's md5; DVC's own are in it by their `.dvc` file.

    Args:
        commit: of the project.
        path: in the project.
        md5: DVC's; empty if it has none.
        there: what the commit has, from `blobs`.
    """
    if path in there:
        return md5_of(there[path]) == md5
    if f"{path}.dvc" in there:
        (out, *_) = mapping(content(there[f"{path}.dvc"])).get("outs") or [{}]
        return bool(out.get("md5") == md5)
    if inside := {name: blob for name, blob in there.items() if name.startswith(f"{path}/")}:
        listed = [
            {"md5": md5_of(blob), "relpath": name.removeprefix(f"{path}/")}
            for name, blob in sorted(inside.items())
        ]
        return f"{hashlib.md5(json.dumps(listed).encode()).hexdigest()}.dir" == md5
    return _is_ignored(path)  # data, which another gate asks for


def mapping(text: bytes) -> dict[str, Any]:
    """Read YAML; whatever was committed that is none, such as a conflict's marks, holds nothing."""
    try:
        read = parsed(text.decode())
    except (YAMLError, ValueError, KeyError):
        return {}
    return read if isinstance(read, dict) else {}


@lru_cache
def _is_ignored(path: str) -> bool:
    return git.output("check-ignore", "--quiet", "--", path) is not None


def content(blob: str) -> bytes:
    """Return the file that git has under an id; nothing if it is none."""
    if blob not in _READ:
        _READ[blob] = (git.output("cat-file", "blob", blob) if blob else b"") or b""
    return _READ[blob]


def read_ahead(blobs: Iterable[str]) -> None:
    """Read many small files at once for `content`: to start git for each would take seconds."""
    wanted = sorted({blob for blob in blobs if blob} - _READ.keys())
    said = git.ask("cat-file", "--batch", given="\n".join(wanted).encode()) if wanted else b""
    start = 0
    while start < len(said):  # `ID blob SIZE`, a line; the file; the end of a line
        head, _, _ = said[start : start + 100].partition(b"\n")
        blob, _, size = head.decode().split()
        start += len(head) + 1
        _READ[blob] = said[start : start + int(size)]
        start += int(size) + 1


def md5_of(blob: str) -> str:
    """Return the md5 of the file that git has under an id."""
    return hashlib.md5(content(blob)).hexdigest()
