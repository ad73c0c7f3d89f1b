"""The project's files in a commit, identified as DVC does by the md5 of their bytes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ruamel.yaml.error import YAMLError

from ..base import git
from ..base.yaml import parsed

_CONTENTS: dict[str, bytes] = {}  # the contents of the files read so far, by git's id


def blobs(commit: str, paths: Iterable[str]) -> dict[str, str]:
    """Return, by path, git's id of each file that a commit has at or below some paths in the project."""
    listed = git.decoded(git.output("ls-tree", "-r", "-z", commit, "--", *paths) or b"")
    entries = (line.partition("\t") for line in listed.split("\0") if line)
    return {path: entry.split()[2] for entry, _, path in entries}  # MODE TYPE ID, a tab, the path


def blobs_of_all(commits: list[str], paths: Iterable[str]) -> list[dict[str, str]]:
    """Return, for each of many commits, git's id of each of some files by path; git is started only once."""
    paths = list(paths)
    if not commits:
        return []
    asked = "".join(f"{commit}:./{path}\n" for commit in commits for path in paths)
    answers = iter(git.decoded(git.ask("cat-file", "--batch-check", given=git.encoded(asked))).splitlines())
    by_commit = ({path: next(answers).split() for path in paths} for _ in commits)
    return [
        {path: fields[0] for path, fields in by_path.items() if fields[1:2] == ["blob"]}
        for by_path in by_commit
    ]


def all_with(text: str, path: str, commits: list[str]) -> set[str]:
    """Return those of many commits in which the file at `path` contains a text."""
    matching: set[str] = set()
    for start in range(0, len(commits) if text else 0, 500):
        some = commits[start : start + 500]
        listed = git.text("grep", "--text", "-l", "--fixed-strings", "-e", text, *some, "--", path) or ""
        matching |= {line.partition(":")[0] for line in listed.splitlines()}
    return matching


def is_at(commit: str, path: str, md5: str, ids: Mapping[str, str]) -> bool:
    """Tell whether a commit has a file or folder with this content; its `.dvc` file says so if DVC tracks it.

    Args:
        commit: a commit of the project.
        path: the path of the file or folder, in the project.
        md5: DVC's md5 of the content; empty if it is not known.
        ids: git's id of each file that the commit has by path, from `blobs`.
    """
    if path in ids:
        return md5_of(ids[path]) == md5
    if f"{path}.dvc" in ids:
        (out, *_) = mapping(content(ids[f"{path}.dvc"])).get("outs") or [{}]
        return bool(out.get("md5") == md5)
    if inside := {name: blob for name, blob in ids.items() if name.startswith(f"{path}/")}:
        listed = [
            {"md5": md5_of(blob), "relpath": name.removeprefix(f"{path}/")}
            for name, blob in sorted(inside.items())
        ]
        return f"{hashlib.md5(json.dumps(listed).encode()).hexdigest()}.dir" == md5
    return _is_ignored(path)  # it is data, which another gate looks for


def mapping(text: bytes) -> dict[str, Any]:
    """Read YAML as a mapping; empty if it is anything else, such as a file with the marks of a conflict."""
    try:
        read = parsed(text.decode())
    except (YAMLError, ValueError, KeyError):
        return {}
    return read if isinstance(read, dict) else {}


@lru_cache
def _is_ignored(path: str) -> bool:
    return git.output("check-ignore", "--quiet", "--", path) is not None


def content(blob: str) -> bytes:
    """Return the content of the file that git has under an id; empty if there is none."""
    if blob not in _CONTENTS:
        _CONTENTS[blob] = (git.output("cat-file", "blob", blob) if blob else b"") or b""
    return _CONTENTS[blob]


def read_ahead(blobs: Iterable[str]) -> None:
    """Read many small files at once for `content`: starting git for each would take seconds."""
    wanted = sorted({blob for blob in blobs if blob} - _CONTENTS.keys())
    output = git.ask("cat-file", "--batch", given="\n".join(wanted).encode()) if wanted else b""
    start = 0
    while start < len(output):  # a line `ID blob SIZE`, the file, and a line end
        head, _, _ = output[start : start + 100].partition(b"\n")
        blob, _, size = head.decode().split()
        start += len(head) + 1
        _CONTENTS[blob] = output[start : start + int(size)]
        start += int(size) + 1


def md5_of(blob: str) -> str:
    """Return the md5 of the content of the file that git has under an id."""
    return hashlib.md5(content(blob)).hexdigest()
