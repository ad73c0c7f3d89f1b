"""Whether the results belong to the files in the workspace, found in seconds and without running a stage."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..base import git
from ..base.errors import UserError, first_line
from ..base.paths import LOCK

if TYPE_CHECKING:
    from dvc.repo import Repo

LAST = "evaluate"  # the last stage that writes results; the register stage after it always runs
MISSING = ("deleted", "not in cache")  # in the words of `dvc status`
ALWAYS = "always changed"  # also in its words: such a stage runs each time


def stale() -> list[str]:
    """List the files that have changed since LAST and the stages before it ran.

    For data that is only in the remote, the md5 that the stage or the `.dvc` file records is used.

    Raises:
        UserError: `dvc status` fails.
    """
    return sorted({name for files in stale_stages().values() for name in files})


def stale_stages() -> dict[str, dict[str, list[str]]]:
    """Return why stages are out of date.

    Returns:
        By stage or `.dvc` file, the files that `stale` lists; for a file of parameters, which of them have
        changed.

    Raises:
        UserError: `dvc status` fails.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    if not LOCK.is_file():
        return {str(LOCK): {f"there is no {LOCK}": []}}
    try:
        with Repo() as repo:
            # no updates: whether the source of imported data has something new is another question
            status = repo.status([LAST], with_deps=True, check_updates=False)
            changed = {stage: dict(_changed(stage, reasons)) for stage, reasons in status.items()}
            for stage, name in _recorded_otherwise(repo):
                changed.setdefault(stage, {}).setdefault(name, [])
            return {stage: files for stage, files in changed.items() if files}
    except DvcException as error:
        raise UserError(f"`dvc status` failed: {first_line(error)}") from None


def _changed(stage: str, reasons: list[Any]) -> Iterator[tuple[str, list[str]]]:
    """List the files that `dvc status` names for a stage, without those that only have to be pulled.

    Yields:
        A file and, if it is one of parameters, which of them have changed.
    """
    for reason in reasons:
        if not isinstance(reason, dict):  # the stage itself has changed
            if reason != ALWAYS:
                yield stage.partition(":")[0] if ":" in stage or stage.endswith(".dvc") else "dvc.yaml", []
            continue
        for files in reason.values():
            changes = files.items() if isinstance(files, dict) else [(files, "")]
            for name, change in changes:
                if change not in MISSING or not git.text("check-ignore", "--", name):
                    yield name, sorted(change) if isinstance(change, dict) else []


def not_here() -> list[str]:
    """List what is missing in the workspace of all that DVC tracks, such as data and models."""
    from dvc.repo import Repo

    with Repo() as repo:
        return sorted(
            str(out) for out in repo.index.outs if out.use_cache and out.hash_info and not out.exists
        )


def _recorded_otherwise(repo: "Repo") -> Iterator[tuple[str, str]]:
    """List stages with a file whose md5 is not the one that the file's own stage or `.dvc` file has."""
    written = {out.fs_path: out.hash_info for out in repo.index.outs}
    for stage in repo.stage.collect(LAST, with_deps=True):
        for dep in stage.deps if not stage.frozen else ():
            if dep.hash_info and written.get(dep.fs_path, dep.hash_info) != dep.hash_info:
                yield stage.addressing, str(dep)
