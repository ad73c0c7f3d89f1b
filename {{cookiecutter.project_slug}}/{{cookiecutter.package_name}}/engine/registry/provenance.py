"""Whether others can get the code that a version was made from: whether a commit on a branch has it.

The run's own commit may be gone: a squash, a rebase or an amended commit has the same files under another
hash. So the content of the files is compared, not the commit's hash.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.errors import UserError
from ..base.flat import value_at
from ..base.paths import MODEL, PARAMS
from ..lineage.committed import (
    all_with,
    blobs,
    blobs_of_all,
    content,
    is_at,
    mapping,
    read_ahead,
)
from ..tracking.artifacts import read_artifact
from ..tracking.lineage_record import read_record
from .registry import CONTENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LOCK = "dvc.lock"
NOT_OF_THE_MODEL = (
    "evaluate",
    "register",
    "drift",
    "serve",
    "tune",
)  # blocks of params.yaml that do not change the model
BRANCHES = ("--branches", "--remotes")


@dataclass(frozen=True)
class ModelInputs:
    """What a model was made from.

    Attributes:
        files: the md5 of each file that the pipeline depended on, by its path in the project.
        params: the content of params.yaml; empty if the store no longer has it.
        params_md5: the md5 of that file.
        model: the md5 of the model file; empty if it is not known.
    """

    files: Mapping[str, str]
    params: bytes
    params_md5: str = ""
    model: str = ""

    def is_in(self, commit: str, blobs: Mapping[str, str]) -> bool:
        """Tell whether a commit has exactly these files and parameters.

        Blocks of params.yaml that do not change the model may differ: a gate may have been relaxed since.

        Args:
            commit: its hash.
            blobs: the git object of each of its files, by path.
        """
        if not self.files or not all(is_at(commit, path, md5, blobs) for path, md5 in self.files.items()):
            return False
        committed = content(blobs.get(PARAMS.as_posix(), ""))
        if not self.params:
            return hashlib.md5(committed).hexdigest() == self.params_md5
        return _blocks_of_the_model(committed) == _blocks_of_the_model(self.params)

    def commit(self) -> str:
        """Return the newest commit on a branch that has all of this, or whose dvc.lock makes this very model.

        Returns:
            The commit's hash; empty if there is no such commit.
        """
        paths = (LOCK, PARAMS.as_posix(), *self.files)
        commits = (git.text("log", *BRANCHES, "--full-history", "--format=%H", "--", *paths) or "").split()
        trees, makers = blobs_of_all(commits, paths[1:]), all_with(self.model, LOCK, commits)
        read_ahead({tree.get(PARAMS.as_posix(), "") for tree in trees})
        for commit, tree in zip(commits, trees, strict=True):
            if self.is_in(commit, tree) or (commit in makers and makes(commit, self.model)):
                return commit
        return ""


def commit_of(client: "MlflowClient", version: "ModelVersion") -> str:
    """Return a commit on a branch that has what a version was made from; empty if there is none."""
    tags: dict[str, str] = version.tags
    if tags.get("git.dirty") == "false" and is_on_branch(tags.get("git.commit", "")):
        return tags["git.commit"]
    files: dict[str, str] = {}
    try:
        files = read_record(client, version.run_id, tags).dependencies
        params = read_artifact(client, version.run_id, PARAMS.name)
    except UserError:  # the run or its files are gone
        params = b""
    return ModelInputs(files, params, tags.get("params.md5", ""), tags.get(CONTENT, "")).commit()


def why_no_commit(tags: Mapping[str, str]) -> str:
    """Explain from a version's tags why no commit on a branch has what the version was made from."""
    commit, dirty = tags.get("git.commit", "")[:7], tags.get("git.dirty", "unknown")
    if not commit or dirty == "unknown":
        return "not recorded: there was no commit yet, or git could not tell"
    if dirty == "false":
        return f"{commit} is on no branch here, and none has its files; `git fetch`, or push it"
    return f"edited after {commit}, and the edits were never committed as they were"


def is_on_branch(commit: str) -> bool:
    """Tell whether a commit is on a branch, here or as last seen on a remote."""
    return bool(commit and git.text("for-each-ref", "--contains", commit, "refs/heads", "refs/remotes"))


def makes(commit: str, model: str) -> bool:
    """Tell whether a commit's dvc.lock makes a model from the commit's own files and parameters.

    Args:
        commit: a commit of the project.
        model: the md5 of the model's file.
    """
    lock = content(blobs(commit, [LOCK]).get(LOCK, ""))
    if not model or model.encode() not in lock:
        return False
    stages = mapping(lock).get("stages", {}).values()
    made_by = {out["path"]: (out, stage) for stage in stages for out in stage.get("outs", [])}
    out, last = made_by.get(MODEL.as_posix(), ({}, {}))
    if out.get("md5") != model:
        return False
    chain = [last]  # the stages that the model comes from
    for stage in chain:
        above = (made_by[dep["path"]][1] for dep in stage.get("deps", []) if dep["path"] in made_by)
        chain += [other for other in above if not any(other is seen for seen in chain)]
    deps = {dep["path"]: dep.get("md5", "") for stage in chain for dep in stage.get("deps", [])}
    sources = {path: md5 for path, md5 in deps.items() if path not in made_by}
    param_files = {file for stage in chain for file in stage.get("params", {})}
    tree = blobs(commit, [*param_files, *sources, *(f"{path}.dvc" for path in sources)])
    return all(is_at(commit, path, md5, tree) for path, md5 in sources.items()) and all(
        value_at(mapping(content(tree.get(file, ""))), key) == value
        for stage in chain
        for file, values in stage.get("params", {}).items()
        for key, value in values.items()
    )


def _blocks_of_the_model(params: bytes) -> dict[str, Any]:
    """Read the blocks of a params.yaml that decide what model is made."""
    return {name: block for name, block in mapping(params).items() if name not in NOT_OF_THE_MODEL}
