"""Whether what a version was made of can be had by others: its code in a commit on a branch.

The commit of the run need not be there any more: a squash, a rebase or an amended commit has the same files
under another name. So what counts is what the files hold, not what the commit is called.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.errors import UserError
from ..base.paths import MODEL, PARAMS
from ..lineage.committed import all_with, blobs, blobs_of_all, content, is_at, mapping, read_ahead
from ..tracking.artifacts import read_artifact
from .registry import CONTENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LOCK = "dvc.lock"
NOT_OF_THE_MODEL = ("evaluate", "register", "tune")  # blocks of params.yaml that come after it, or before
BRANCHES = ("--branches", "--remotes")


@dataclass(frozen=True)
class Made:
    """What a model was made of.

    Attributes:
        files: the md5 of each file that the pipeline depended on, by its path in the project.
        params: the content of params.yaml; empty if it cannot be read any more.
        params_md5: of that file.
        model: the md5 of the model file; empty if it is not known.
    """

    files: Mapping[str, str]
    params: bytes
    params_md5: str = ""
    model: str = ""

    def is_in(self, commit: str, there: Mapping[str, str]) -> bool:
        """Tell whether a commit, which has `there`, has the very files and parameters.

        Not the blocks that say nothing of how the model is made: a gate may have been relaxed since.
        """
        if not self.files or not all(is_at(commit, path, md5, there) for path, md5 in self.files.items()):
            return False
        now = content(there.get(PARAMS.as_posix(), ""))
        if not self.params:
            return hashlib.md5(now).hexdigest() == self.params_md5
        return _of_the_model(now) == _of_the_model(self.params)

    def commit(self) -> str:
        """Return the newest commit on a branch that has it all, or makes this very model; empty if none."""
        paths = (LOCK, PARAMS.as_posix(), *self.files)
        listed = (git.text("log", *BRANCHES, "--full-history", "--format=%H", "--", *paths) or "").split()
        there, makers = blobs_of_all(listed, paths[1:]), all_with(self.model, LOCK, listed)
        read_ahead({files.get(PARAMS.as_posix(), "") for files in there})
        for commit, files in zip(listed, there, strict=True):
            if self.is_in(commit, files) or (commit in makers and makes(commit, self.model)):
                return commit
        return ""


def commit_of(client: "MlflowClient", version: "ModelVersion") -> str:
    """Return a commit on a branch that has what a version was made of; empty if there is none."""
    tags: dict[str, str] = version.tags
    if tags.get("git.dirty") == "false" and is_on_branch(tags.get("git.commit", "")):
        return tags["git.commit"]
    files = {name.removeprefix("md5."): md5 for name, md5 in tags.items() if name.startswith("md5.")}
    try:
        params = read_artifact(client, version.run_id, PARAMS.name)
    except UserError:  # the run or its files are gone
        params = b""
    return Made(files, params, tags.get("params.md5", ""), tags.get(CONTENT, "")).commit()


def why_in_none(tags: Mapping[str, str]) -> str:
    """Say why no commit on a branch has what a version was made of."""
    commit, dirty = tags.get("git.commit", "")[:7], tags.get("git.dirty", "unknown")
    if not commit or dirty == "unknown":
        return "not recorded: there was no commit yet, or git could not tell"
    if dirty == "false":
        return f"{commit} is on no branch here, and none has its files; `git fetch`, or push it"
    return f"edited after {commit}, and not committed as it was"


def is_on_branch(commit: str) -> bool:
    """Tell whether a commit is on a branch, here or as last seen on a remote."""
    return bool(commit and git.text("for-each-ref", "--contains", commit, "refs/heads", "refs/remotes"))


def makes(commit: str, model: str) -> bool:
    """Tell whether dvc.lock, as committed, says that the commit's own files and parameters make a model.

    Args:
        commit: of the project.
        model: the md5 of its file.
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
        chain += [other for other in above if not any(other is known for known in chain)]
    read = {dep["path"]: dep.get("md5", "") for stage in chain for dep in stage.get("deps", [])}
    read = {path: md5 for path, md5 in read.items() if path not in made_by}
    files = {file for stage in chain for file in stage.get("params", {})}
    there = blobs(commit, [*files, *read, *(f"{path}.dvc" for path in read)])
    return all(is_at(commit, path, md5, there) for path, md5 in read.items()) and all(
        _value(mapping(content(there.get(file, ""))), key) == value
        for stage in chain
        for file, values in stage.get("params", {}).items()
        for key, value in values.items()
    )


def _of_the_model(params: bytes) -> dict[str, Any]:
    """Read the blocks of a params.yaml that say how the model is made."""
    return {name: block for name, block in mapping(params).items() if name not in NOT_OF_THE_MODEL}


def _value(values: Any, key: str) -> Any:
    """Return the value at a key such as `model.type`; None if there is none."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values
