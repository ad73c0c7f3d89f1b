"""Which code, data, parameters and libraries a run is made of."""

import getpass
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread

from .. import git
from ..paths import PARAMS
from ..yamlfile import read_yaml
from .store import project_root
from .versions import installed

DIFF = "code.diff"  # the artifact with the uncommitted changes
WRITTEN_BY_DVC = ("dvc.lock", "reports")  # change while the pipeline runs, so say nothing of its code
_HASHING = Lock()  # no file is hashed twice
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
            "data.md5": _md5_or_locked(data_path()),
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


def hash_ahead(*paths: Path) -> None:
    """Begin to hash files, on another core, while this one reads them; `file_md5` then waits for the rest."""

    def work() -> None:
        with suppress(OSError):  # the stage itself will say so, in a line
            for path in paths:
                file_md5(path)

    Thread(target=work, daemon=True).start()  # which nobody waits for if the stage ends before


def file_md5(path: Path) -> str:
    """Return DVC's md5 of a file, which is that of its bytes; empty if there is none."""
    if not path.is_file():
        return ""
    stat = path.stat()
    with _HASHING:
        return _file_md5(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache
def _file_md5(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _dependencies(stage: str) -> dict[str, str]:
    """Return DVC's md5 of each file that the stage depends on."""
    listed = read_yaml(Path("dvc.yaml"))["stages"][stage].get("deps", [])
    data = data_path().as_posix()
    paths = [str(path).replace("${data.path}", data) for path in listed]
    return {path: _md5_or_locked(Path(path)) for path in paths}


def _md5_or_locked(path: Path) -> str:
    """Return a file's md5; that in dvc.lock if DVC made do without the file (`--allow-missing`)."""
    lock = Path("dvc.lock")
    if path.is_file() or not lock.is_file():
        return file_md5(path)
    stages = read_yaml(lock).get("stages", {}).values()
    locked = [dep for stage in stages for dep in stage.get("deps", []) if Path(dep["path"]) == path]
    return str(locked[0].get("md5", "")) if locked else ""


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
