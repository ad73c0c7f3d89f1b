"""Moving data and models to and from DVC's remote by `dvc push` and `dvc pull`; a problem is one line."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..base import dvc
from ..base.errors import UserError
from ..base.text import masked
from ..base.yaml import read_yaml
from .problems import UnusableError
from .remote import check_readable, opened

MISSING, EDITED = "Missing cache files", "unsaved files"  # in DVC's messages


def pull(files: Sequence[str] = ()) -> None:
    """Get everything that dvc.lock and the .dvc files name, or only what some .dvc files name.

    Raises:
        UnusableError: the remote cannot be used from here.
        UserError: the remote does not have everything, or files here were edited.
    """
    _get("pull", files)


def fetch() -> None:
    """Get the same files into DVC's cache only: no file of the workspace is touched.

    Raises:
        UnusableError: the remote cannot be used from here.
        UserError: neither the remote nor the cache has everything.
    """
    _get("fetch")


def push(run_cache: bool = False) -> None:
    """Send everything that dvc.lock and the .dvc files name.

    Args:
        run_cache: whether to send DVC's run cache, too, so that nobody has to repeat a run.

    Raises:
        UnusableError: the remote cannot be used from here, or stopped answering.
        UserError: the cache does not have everything.
    """
    with opened() as (_, remote):
        if remote.fs.protocol != "local":  # `dvc push` makes the folder
            check_readable(remote)
    done = run("push", *(["--run-cache"] if run_cache else []), shown=False)
    if MISSING in done.stderr:
        raise UserError("files that are committed are not in DVC's cache; `dvc repro` or `dvc pull` first")
    if done.returncode:
        raise UnusableError(f"DVC's remote did not take everything: {_reason(done.stderr)}; run it again")


def imported() -> list[str]:
    """List the .dvc files of data that was imported by `dvc import` or `dvc import-url`."""
    return [file for file in tracked() if "deps" in read_yaml(Path(file))]


def tracked() -> list[str]:
    """List the .dvc files."""
    return [path.as_posix() for path in sorted(Path("data").rglob("*.dvc"))]


def run(*arguments: str, shown: bool = True) -> subprocess.CompletedProcess[str]:
    """Run DVC, and print its messages if they are to be shown."""
    done = subprocess.run(
        dvc.command(*arguments), stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    )
    if shown:
        print(done.stderr, end="", file=sys.stderr)
    return done


def _get(command: str, files: Sequence[str] = ()) -> None:
    """Run `dvc pull` or `dvc fetch`; a failure becomes an error of one line."""
    with opened() as (_, remote):
        check_readable(remote)
    # before the first `dvc repro`, there is only the data
    done = run(command, *(files or ([] if Path("dvc.lock").exists() else tracked())))
    if EDITED in done.stderr:
        files = " ".join(done.stderr.partition(EDITED)[2].splitlines()[1:])
        raise UserError(
            f"{files}: edited, and DVC has no copy; `dvc commit -f` keeps it, or delete it and pull again"
        )
    if MISSING in done.stderr:  # `dvc fetch` only warns about this, with exit code 0
        raise UserError("DVC's remote lacks files that are committed; `dvc push` where they are")
    if done.returncode:
        raise UnusableError(f"DVC's remote cannot be read: {_reason(done.stderr)}")


def _reason(printed: str) -> str:
    return masked(next(iter(dvc.printed_errors(printed)), "no reason given"))
