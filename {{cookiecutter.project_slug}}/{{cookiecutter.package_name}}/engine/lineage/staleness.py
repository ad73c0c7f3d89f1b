"""Whether the results are those of the files that are here, told in seconds and without running anything."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.errors import UserError, first_line

if TYPE_CHECKING:
    from dvc.repo import Repo

LOCK = Path("dvc.lock")
LAST = "evaluate"  # the stage that ends the results; register, after it, always runs
MISSING = ("deleted", "not in cache")  # in the words of `dvc status`
ALWAYS = "always changed"  # the same: such a stage runs each time, whatever has changed


def stale() -> list[str]:
    """List the files that differ from those with which LAST and all that comes before it ran.

    Data that are not here, but only in the remote, are taken to be what is recorded where they are made.

    Raises:
        UserError: DVC cannot tell.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    if not LOCK.is_file():
        return [f"there is no {LOCK}"]
    try:
        with Repo() as repo:
            # no updates: whether there is something new where data were imported from is another question
            status = repo.status([LAST], with_deps=True, check_updates=False)
            changed = {name for stage, reasons in status.items() for name in _changed(stage, reasons)}
            return sorted(changed.union(_recorded_otherwise(repo)))
    except DvcException as error:
        raise UserError(f"`dvc status` failed: {first_line(error)}") from None


def _changed(stage: str, reasons: list[Any]) -> Iterator[str]:
    """List the files of what `dvc status` says of a stage, without those that only have to be pulled."""
    for reason in reasons:
        if not isinstance(reason, dict):  # what the stage itself is
            if reason != ALWAYS:
                yield stage.partition(":")[0] if ":" in stage or stage.endswith(".dvc") else "dvc.yaml"
            continue
        for files in reason.values():
            found = files.items() if isinstance(files, dict) else [(files, "")]
            for name, how in found:
                if how not in MISSING or not git.text("check-ignore", "--", name):
                    yield name


def _recorded_otherwise(repo: "Repo") -> Iterator[str]:
    """List the files that a stage has recorded otherwise than the stage or .dvc file that makes them."""
    made = {out.fs_path: out.hash_info for out in repo.index.outs}
    for stage in repo.stage.collect(LAST, with_deps=True):
        for dep in stage.deps if not stage.frozen else ():
            if dep.hash_info and made.get(dep.fs_path, dep.hash_info) != dep.hash_info:
                yield str(dep)
