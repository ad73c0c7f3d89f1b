"""Which code, data, parameters and libraries a run is made of."""

import getpass
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import git
from ..hashing import file_md5, md5_or_locked
from ..paths import PARAMS
from ..yamlfile import read_yaml
from .store import project_root
from .versions import installed

DIFF = "code.diff"  # the artifact with the uncommitted changes
WRITTEN_BY_DVC = ("dvc.lock", "reports")  # change while the pipeline runs, so say nothing of its code
IDENTITY = ("git.commit", "git.diff", "params.md5", "dvc.experiment", "dvc.baseline")


@dataclass(frozen=True)
class Lineage:
    """What a run is made of.

    Attributes:
        tags: for the run; `md5.PATH` is DVC's md5 of each file the stage depends on.
        diff: how the code differs from the commit in `git.commit`, as `git apply` takes it.
    """

    tags: dict[str, str]
    diff: bytes

    @classmethod
    def of(cls, stage: str) -> "Lineage":
        """Describe the stage that is running now."""
        diff = _code_diff()
        tags = {
            "git.commit": _baseline(),
            "git.branch": _branch(),
            "git.dirty": "unknown" if diff is None else str(bool(diff)).lower(),
            "git.diff": hashlib.md5(diff).hexdigest() if diff else "",
            "dvc.stage": stage,
            "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
            "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
            "data.md5": md5_or_locked(data_path()),
            "params.md5": file_md5(PARAMS),
            "user": user(),
            "versions": json.dumps(installed()),
            **{f"md5.{path}": md5 for path, md5 in _dependencies(stage).items()},
        }
        return cls({name: value for name, value in tags.items() if value}, diff or b"")

    def is_that_of(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a run was made of the same code and parameters, in the same experiment."""
        return all(self.tags.get(name) == tags.get(name) for name in IDENTITY)


def of_version(tags: Mapping[str, str]) -> dict[str, str]:
    """Pick the tags of a run that its model version carries, too."""
    kept = ("git.", "data.", "dvc.", "md5.", "model.type", "params.", "user")
    return {name: value for name, value in tags.items() if name.startswith(kept)}


def data_path(project: Path = Path()) -> Path:
    """Return the path of the raw data, as the params.yaml of a project has it."""
    return Path(read_yaml(project / PARAMS)["data"]["path"])


def _dependencies(stage: str) -> dict[str, str]:
    """Return DVC's md5 of each file that the stage depends on."""
    listed = read_yaml(Path("dvc.yaml"))["stages"][stage].get("deps", [])
    data = data_path().as_posix()
    paths = [str(path).replace("${data.path}", data) for path in listed]
    return {path: md5_or_locked(Path(path)) for path in paths}


def _baseline() -> str:
    """Return the commit that the code is, or was changed from; empty before the first commit."""
    head = os.environ.get("DVC_EXP_BASELINE_REV") or git.text("rev-parse", "--verify", "--quiet", "HEAD")
    return head or ""


def _branch() -> str:
    """Return the user's branch; in an experiment HEAD is detached, though not in the user's mind."""
    return git.text("-C", str(project_root()), "branch", "--show-current") or ""


def user() -> str:
    """Return who runs this, by the name of the computer's account."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        return "unknown"


def _code_diff() -> bytes | None:
    """Return how the code differs from the baseline, new files included; None if git cannot tell.

    Against the baseline rather than HEAD, since DVC commits a queued trial's changes before it runs.
    In a copy of the index and with objects put elsewhere, so that the user's repository stays as it is.
    """
    commit = _baseline()
    index = git.text("rev-parse", "--git-path", "index")
    objects = git.text("rev-parse", "--git-path", "objects")
    if not (commit and index and objects):
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "index"
        if Path(index).exists():
            shutil.copy(index, copy)
        env = {
            "GIT_INDEX_FILE": str(copy),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(Path(objects).resolve()),
        }
        if git.output("add", "--all", ".", env=env) is None:
            return None
        # whatever the user has configured for reading diffs, this one is to be applied
        form = (
            "--binary",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        )
        skipped = [f":(exclude){path}" for path in WRITTEN_BY_DVC]
        return git.output("diff", "--cached", *form, commit, "--", ".", *skipped, env=env)
