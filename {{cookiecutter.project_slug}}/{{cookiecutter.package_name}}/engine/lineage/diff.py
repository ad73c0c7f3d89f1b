"""How the code differs from a commit: what a rerun needs, and nothing that looks like a secret."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..base import git
from . import confidential
from .index import NOTHING, Change, Index, copied_index
from .pipeline import WRITTEN_BY_DVC, dependencies
from .untracked import untracked

MB = 2**20
MAX_FILE, MAX_ALL = 5 * MB, 20 * MB  # the most that is recorded of a file, before or after, and of all files


@dataclass(frozen=True)
class Diff:
    """How the code differs from a commit.

    Attributes:
        content: a patch that `git apply` accepts.
        lacks: why something that a rerun may need is not in `content`, by path.
        fingerprint: is different for each state of what is lacking, and reveals no secret; empty if nothing
            lacks.
        unused: why an untracked file that the pipeline does not use is not in `content`, by path.
    """

    content: bytes = b""
    lacks: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    unused: dict[str, str] = field(default_factory=dict)


def diff_from(commit: str) -> Diff:
    """Compare the code, new files included, with a commit.

    Raises:
        GitError: git fails.
    """
    lacks: dict[str, str] = {}
    states: dict[str, str] = {}  # the states of what is lacking, for the fingerprint
    outside = [path for path in dependencies() if path.startswith("../")]
    with copied_index(commit, outside, WRITTEN_BY_DVC) as index:
        index.ask("add", "--update", *index.within)
        needed, unused = untracked()
        for path in needed:
            stat = Path(path).lstat()
            if why := _why_not(path, stat.st_size):
                lacks[path], states[path] = why, f"{stat.st_size} {stat.st_mtime_ns}"
        index.add(path for path in needed if path not in lacks)
        for path in index.edited_submodules():
            lacks[path], states[path] = "a submodule that was edited", _state_of_submodule(path)

        changes = index.changes()
        for change, why in _not_recorded(index, changes):
            path = index.from_here(change.path)
            lacks[path], states[path] = why, _state_of_change(index, change)
            index.put_back(change)
        content = index.patch("--binary") if changes else b""
    return Diff(
        content,
        lacks,
        hashlib.md5(json.dumps(states, sort_keys=True).encode()).hexdigest() if states else "",
        {path: _why_not(path, 0) or "not used by the pipeline" for path in unused},
    )


def _not_recorded(index: Index, changes: list[Change]) -> Iterator[tuple[Change, str]]:
    """Yield each change that is not recorded, and why: its name, its size, or a secret in it."""
    suspicious = changes and confidential.kind_of_secret(index.patch("--text"))  # binary files as text, too
    total = 0
    for change, size in zip(changes, index.sizes(changes), strict=True):
        why = _why_not(change.path, size, total)
        if not why and suspicious and (kind := confidential.kind_of_secret(index.patch("--text", of=change))):
            why = f"holds what looks like {kind}"
        if why:
            yield change, why
        else:
            total += size


def _state_of_change(index: Index, change: Change) -> str:
    """Return the md5 of a changed file without its secrets; if all of it is secret, the md5 of nothing."""
    hidden = change.new == NOTHING or confidential.has_secret_name(change.path)
    content = b"" if hidden else index.ask("cat-file", "blob", change.new[1])
    return hashlib.md5(confidential.redacted(content)).hexdigest()


def _why_not(path: str, size: int, others: int = 0) -> str:
    """Return why a file is not recorded, judging by its name and size; empty if it is."""
    if confidential.has_secret_name(path):
        return "is named like a secret"
    if size > MAX_FILE:
        return f"has {size / MB:.0f} MB, more than {MAX_FILE // MB}"
    return f"with it there would be more than {MAX_ALL // MB} MB" if size + others > MAX_ALL else ""


def _state_of_submodule(path: str) -> str:
    """Return an md5 that changes when a submodule is edited."""
    outputs = [git.output("-C", path, *what) for what in (("diff", "HEAD"), ("status", "--porcelain"))]
    return hashlib.md5(b"".join(output or b"" for output in outputs)).hexdigest()
