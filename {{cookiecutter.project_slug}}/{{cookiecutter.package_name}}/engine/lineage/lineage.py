"""The lineage of a run: its code, data, parameters and libraries."""

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..base import git, settings
from ..base.errors import UserError
from ..base.git import GitError
from ..base.hashing import md5_or_locked
from ..base.paths import PARAMS, project_root
from ..base.text import as_utf8
from . import confidential, snapshot
from .diff import Diff, diff_from
from .pipeline import data_path, inputs
from .versions import installed

DIFF = "code.diff"  # the artifact with the uncommitted changes
LEFT_OUT = "git.left_out"  # the tag with the files that are not in DIFF, and why
LACKS = "git.lacks"  # the tag with a fingerprint of those of these files that a rerun may need
TROUBLE = "git.trouble"  # the tag with the reason why git failed
RECORD = "lineage.json"  # the artifact with what a run depends on: each file's md5, each library's version
RECORD_MD5 = "lineage.md5"  # the tag with the md5 of RECORD
MAX_TAG = 5000  # characters of a tag's value
IDENTITY = ("git.commit", "git.diff", LACKS, "params.md5", "dvc.experiment", "dvc.baseline")


@dataclass(frozen=True)
class Lineage:
    """The lineage of a run.

    Attributes:
        tags: the run's tags: what people search by, and what tells whether another run is the same.
        diff: how the code differs from the commit in `git.commit`, a patch that `git apply` accepts.
        dependencies: DVC's md5 of each file that the run depends on, by path.
        versions: the versions of the libraries, by name.
        notes: what a person should know about the record, one line each.
    """

    tags: dict[str, str]
    diff: bytes
    dependencies: dict[str, str]
    versions: dict[str, str]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, stage: str) -> "Lineage":
        """Return the lineage of the stage that is running.

        Raises:
            UserError: git refuses the repository, or params.yaml has a secret in it.
        """
        params = snapshot.params_file()
        if kind := confidential.kind_of_secret(params):
            raise UserError(f"{PARAMS}: holds what looks like {kind}, and each run records it: take it out")
        commit, diff, trouble = _code()
        left_out = {**diff.lacks, **diff.unused}
        tags = {
            "git.commit": commit,
            "git.branch": _branch(),
            "git.dirty": "unknown" if trouble else str(bool(diff.content or diff.lacks)).lower(),
            "git.diff": hashlib.md5(diff.content).hexdigest() if diff.content else "",
            LEFT_OUT: _listed(left_out, len(left_out))[:MAX_TAG],
            LACKS: diff.fingerprint,
            TROUBLE: trouble[:MAX_TAG],
            "dvc.stage": stage,
            "dvc.experiment": as_utf8(os.environ.get("DVC_EXP_NAME", "")),
            "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
            "data.md5": md5_or_locked(data_path()),
            "params.md5": hashlib.md5(params).hexdigest(),
            "user": user(),
            "team": settings.team(),
            "engine.version": __version__,
        }
        md5s = {path: md5_or_locked(Path(path)) for path in inputs(stage)}
        dependencies = {path: md5 for path, md5 in md5s.items() if md5}
        notes = [f"left out of the run's record: {_listed(left_out, 5)}"] if left_out else []
        notes += [f"the run has no record of its code: {trouble}"] if trouble else []
        tags = {name: value for name, value in tags.items() if value}
        return cls(tags, diff.content, dependencies, installed(), tuple(notes))

    def record(self) -> bytes:
        """Return the content of RECORD."""
        content = {"dependencies": self.dependencies, "versions": self.versions}
        return json.dumps(content, indent=2, ensure_ascii=False).encode()

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Tell whether the run with these tags had the same code and parameters, in the same experiment."""
        return all(self.tags.get(name) == tags.get(name) for name in IDENTITY)


def version_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a run that are copied to its model version."""
    kept = ("git.", "data.", "dvc.", "engine.", "lineage.", "model.type", "params.", "user")
    return {name: value for name, value in tags.items() if name.startswith(kept)}


def _code() -> tuple[str, Diff, str]:
    """Return the commit that the code comes from, the changes since, and why git failed ("" if it did not).

    In an experiment, it is the baseline and not HEAD, since DVC commits a queued trial's changes before
    running it.
    """
    commit = ""
    try:
        commit = os.environ.get("DVC_EXP_BASELINE_REV") or git.head()
        return commit, diff_from(commit), ""
    except GitError as error:
        return commit, Diff(), str(error)


def _listed(left_out: Mapping[str, str], most: int) -> str:
    """List some of the files that were left out, and why; then say how many more there are."""
    named = [f"{path} ({why})" for path, why in list(left_out.items())[:most]]
    return ", ".join(named) + (f" and {len(left_out) - most} more" if len(left_out) > most else "")


def _branch() -> str:
    """Return the user's branch; empty if it is not known.

    In an experiment, HEAD is detached, so the branch is taken from the user's own workspace. DVC does not
    record on which branch an experiment was queued, and the user may have switched branches since.
    """
    root = project_root()
    trials = root / ".dvc" / "tmp" / "exps"
    here = Path.cwd().resolve()
    if here.is_relative_to(trials) and not here.is_relative_to(trials / "standalone"):
        return ""
    branch = git.text("branch", "--show-current", cwd=root)
    if not branch and "DVC_EXP_NAME" in os.environ:
        branch = git.text("rev-parse", "--abbrev-ref", "@{-1}", cwd=root)
    return branch or ""


def user() -> str:
    """Return the name of the account that runs this process."""
    try:
        return as_utf8(getpass.getuser())
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        return "unknown"
