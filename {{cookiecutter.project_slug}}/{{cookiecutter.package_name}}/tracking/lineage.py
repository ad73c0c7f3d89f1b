"""Which code, data and libraries a run is made of."""

import getpass
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from ..params import read_yaml
from ..paths import PARAMS
from .store import project_root

LIBRARIES = ("dvc", "great-expectations", "mlflow", "numpy", "pandas", "scikit-learn", "skops")
WRITTEN_BY_DVC = ("dvc.lock", "reports")  # change while the pipeline runs, so say nothing of its code


def tags(stage: str, diff: str | None) -> dict[str, str]:
    """Describe what the running stage is made of, as tags for its run.

    `md5.PATH` is DVC's md5 of each file that the stage depends on, as dvc.lock has it.

    Args:
        stage: its name in dvc.yaml.
        diff: from `code_diff`.
    """
    found = {
        "git.commit": baseline() or "",
        "git.branch": _branch(),
        "git.dirty": "unknown" if diff is None else str(bool(diff)).lower(),
        "dvc.stage": stage,
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
        "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
        "user": getpass.getuser(),
        "data.md5": file_md5(Path(_data_path())),
        "versions": json.dumps({name: version(name) for name in LIBRARIES}),
        **{f"md5.{path}": md5 for path, md5 in dependencies(stage).items()},
    }
    return {name: value for name, value in found.items() if value}


def of_run(tags: Mapping[str, str]) -> dict[str, str]:
    """Pick the tags that say what a run is made of, to be carried to its model version."""
    return {k: v for k, v in tags.items() if k.startswith(("git.", "data.", "dvc.", "md5.", "model.type"))}


def baseline() -> str | None:
    """Return the commit that the code is, or was changed from; None before the first commit."""
    return os.environ.get("DVC_EXP_BASELINE_REV") or _git("rev-parse", "--verify", "--quiet", "HEAD")


def code_diff() -> str | None:
    """Return how the code differs from the `baseline`, new files included; None if git cannot tell.

    Against the baseline rather than HEAD, since DVC commits a queued trial's changes before it runs.
    """
    commit, index = baseline(), _git("rev-parse", "--git-path", "index")
    objects = _git("rev-parse", "--git-path", "objects")
    if commit is None or index is None or objects is None:
        return None
    with tempfile.TemporaryDirectory() as folder:  # so that the user's own index is left alone
        copy = Path(folder) / "index"
        if Path(index).exists():
            shutil.copy(index, copy)
        env = {
            **os.environ,
            "GIT_INDEX_FILE": str(copy),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(Path(objects).resolve()),
        }
        skipped = [f":(exclude){path}" for path in WRITTEN_BY_DVC]
        if _git("add", "--all", ".", env=env) is None:
            return None
        return _git("diff", "--cached", "--binary", commit, "--", ".", *skipped, env=env)


def dependencies(stage: str) -> dict[str, str]:
    """Return DVC's md5 of each file that the stage depends on."""
    listed = read_yaml(Path("dvc.yaml"))["stages"][stage].get("deps", [])
    paths = [str(path).replace("${data.path}", _data_path()) for path in listed]
    return {path: file_md5(Path(path)) for path in paths if Path(path).is_file()}


def _data_path() -> str:
    return str(read_yaml(PARAMS)["data"]["path"])


def file_md5(path: Path) -> str:
    """Return DVC's md5 of a file, which is that of its bytes.

    DVC has just hashed tracked data before it runs a stage: then its .dvc file has the answer.
    """
    tracked = path.with_name(f"{path.name}.dvc")
    if "DVC_STAGE" in os.environ and tracked.exists():
        return str(read_yaml(tracked)["outs"][0]["md5"])
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _branch() -> str:
    """Return the user's branch; in an experiment HEAD is detached, though not in the user's mind."""
    return _git("-C", str(project_root()), "branch", "--show-current") or ""


def _git(*arguments: str, env: dict[str, str] | None = None) -> str | None:
    """Run git and return what it prints; None if it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, encoding="utf-8", env=env, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.rstrip("\n") if arguments[0] != "diff" else done.stdout
