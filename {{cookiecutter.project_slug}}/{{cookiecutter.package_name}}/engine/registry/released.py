"""The version that a git tag releases: the one whose model the dvc.lock of the tag's commit names."""

from typing import TYPE_CHECKING

from ..base import git
from ..base.errors import UserError
from ..base.paths import MODEL, PACKAGE
from ..lineage.committed import blobs, content, mapping
from .changes import Change, aliases_after, champions
from .provenance import LOCK
from .registry import ARCHIVED, CHALLENGER, CHAMPION, Registry

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def released(models: Registry, changes: list[Change], tag: str) -> "ModelVersion":
    """Return the version that a tag releases.

    Args:
        models: the registered model.
        changes: its history, the oldest first.
        tag: a tag of git, or another name of a commit.

    Raises:
        UserError: there is no such tag; or its commit has no version, or one that has neither been approved
            nor awaits approval.
    """
    commit = git.text("rev-parse", "--verify", "--quiet", f"{tag}^{{commit}}")
    if not commit:
        raise UserError(f"{tag}: no such tag here: `git fetch --tags`, or `git tag {tag}` on main")
    where = f"{tag} ({commit[:7]})"
    if not (md5 := _model_of(commit)):
        raise UserError(f"{where}: its {LOCK} names no model: tag a commit on main after `dvc repro`")
    version = models.with_content(md5)
    if version is None:
        raise UserError(
            f"{where}: its model is not a version of {models.name!r}: `dvc repro` registers it there, "
            "as CI does on main, if it passes the gates"
        )
    number = str(version.version)
    now = aliases_after(changes)
    is_archived = bool(version.tags.get(ARCHIVED))
    if is_archived or number not in (*champions(changes), now[CHAMPION], now[CHALLENGER]):
        state = "archived" if is_archived else f"not @{CHALLENGER}, and was never @{CHAMPION}"
        raise UserError(
            f"{where}: its version {number} is {state}: `python -m {PACKAGE} promote {number} "
            "--reason TEXT`, or tag another commit"
        )
    return version


def _model_of(commit: str) -> str:
    """Return the md5 of the model that a commit's dvc.lock has; empty if there is none."""
    stages = mapping(content(blobs(commit, [LOCK]).get(LOCK, ""))).get("stages", {}).values()
    made = {out["path"]: str(out.get("md5", "")) for stage in stages for out in stage.get("outs", [])}
    return made.get(MODEL.as_posix(), "")
