"""Whether the results belong to the files in the workspace, found in seconds and without running a stage."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.errors import UserError, first_line

if TYPE_CHECKING:
    from dvc.repo import Repo

LOCK = Path("dvc.lock")
LAST = "evaluate"  # the last stage that writes results; register, after it, always runs
MISSING = ("deleted", "not in cache")  # in the words of `dvc status`
ALWAYS = "always changed"  # also in its words: such a stage runs each time


def stale() -> list[str]:
    """List the files that have changed since LAST and the stages before it ran.

    For data that are only in the remote, the md5 that the stage or `.dvc` file records counts.

    Raises:
        UserError: `dvc status` fails.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    if not LOCK.is_file():
        return [f"there is no {LOCK}"]
    try:
        with Repo() as repo:
            # no updates: whether the source of imported data has something new is another question
            status = repo.status([LAST], with_deps=True, check_updates=False)
            changed = {name for stage, reasons in status.items() for name in _changed(stage, reasons)}
            return sorted(changed.union(_recorded_otherwise(repo)))
    except DvcException as error:
        raise UserError(f"`dvc status` failed: {first_line(error)}") from None


def _changed(stage: str, reasons: list[Any]) -> Iterator[str]:
    """List the files that `dvc status` names for a stage, without those that only have to be pulled."""
    for reason in reasons:
        if not isinstance(reason, dict):  # the stage itself has changed
            if reason != ALWAYS:
                yield stage.partition(":")[0] if ":" in stage or stage.endswith(".dvc") else "dvc.yaml"
            continue
        for files in reason.values():
            changes = files.items() if isinstance(files, dict) else [(files, "")]
            for name, change in changes:
                if change not in MISSING or not git.text("check-ignore", "--", name):
                    yield name


def _recorded_otherwise(repo: "Repo") -> Iterator[str]:
    """List the files whose md5 in a stage differs from that in the stage or `.dvc` file that writes them."""
    written = {out.fs_path: out.hash_info for out in repo.index.outs}
    for stage in repo.stage.collect(LAST, with_deps=True):
        for dep in stage.deps if not stage.frozen else ():
            if dep.hash_info and written.get(dep.fs_path, dep.hash_info) != dep.hash_info:
                yield str(dep)
