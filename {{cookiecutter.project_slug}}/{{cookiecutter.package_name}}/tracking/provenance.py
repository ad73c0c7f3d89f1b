"""Whether what a version was made of can be had by others: code on a branch, data in the remote."""

import hashlib
from typing import TYPE_CHECKING

from .. import git
from ..paths import METRICS, PARAMS
from .lookup import runs_beginning_with
from .runs import RESTORED
from .store import project_root

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def uncommitted(client: "MlflowClient", version: "ModelVersion") -> str:
    """Say why a version's code is in no commit on a branch; empty if it is.

    It is if it was committed when the run began, or if the commit with the run's metrics has the
    very code and parameters that were edited then: one tries, looks at the metrics and commits.
    """
    tags: dict[str, str] = version.tags
    commit = tags.get("git.commit", "")
    if tags.get("git.dirty") == "false":
        refs = git.text("for-each-ref", "--contains", commit, "refs/heads", "refs/remotes")
        return "" if refs else f"{commit[:7]} is on no branch here; `git fetch`, or push it"
    made_of = {name.removeprefix("md5."): md5 for name, md5 in tags.items() if name.startswith("md5.")}
    made_of[PARAMS.as_posix()] = tags.get("params.md5", "")
    # a run of another store that this one stands for has its id in the commit
    runs = runs_beginning_with(client, version.run_id)
    for run_id in {version.run_id, *(run.data.tags.get(RESTORED, version.run_id) for run in runs)}:
        changed = ("--branches", "--remotes", "--format=%H", f"-S{run_id}", "--", METRICS.as_posix())
        for found in (git.text("log", *changed) or "").split():
            if all(_md5_at(found, path) in (md5, None) for path, md5 in made_of.items()):
                return ""
    return "edited after the commit, and not committed as it was"


def not_in_remote(md5: str) -> str:
    """Say why data of this md5 cannot be had from DVC's remote; empty if they can."""
    from dvc.repo import Repo

    if not md5:
        return "the version does not say which"
    try:
        with Repo(str(project_root())) as repo:
            there = repo.cloud.get_remote_odb(command="promote").exists(md5)
    except Exception as error:  # each kind of remote has errors of its own
        return f"the remote cannot be asked: {type(error).__name__}: {error}".split("\n")[0]
    return "" if there else f"{md5[:7]} is missing; `dvc push` it"


def _md5_at(commit: str, path: str) -> str | None:
    """Return the md5 of a file in a commit; None if git does not have it."""
    content = git.output("show", f"{commit}:./{path}")
    return None if content is None else hashlib.md5(content).hexdigest()
