"""Get data and models from DVC's remote, as `dvc pull` does; a problem with the remote is one line."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..base import dvc
from ..base.errors import UserError
from ..base.yaml import read_yaml

MISSING, EDITED = "Missing cache files", "unsaved files"  # in DVC's messages


class UnreachableError(UserError):
    """The remote cannot be read from here."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add whether to look at the data's source, too."""
    parser.add_argument(
        "--update", action="store_true", help="first get new versions of imported data from their source"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.update:
        for file in imported():
            run("update", file)
    pull()


def pull() -> None:
    """Get everything that dvc.lock and the .dvc files name.

    Raises:
        UnreachableError: the remote cannot be read from here.
        UserError: the remote does not have everything, or files that are here are edited.
    """
    _get("pull")


def fetch() -> None:
    """Get the same files into DVC's cache only: no file of the workspace is touched.

    Raises:
        UnreachableError: the remote cannot be read from here.
        UserError: neither the remote nor the cache has everything.
    """
    _get("fetch")


def _get(command: str) -> None:
    """Run `dvc pull` or `dvc fetch`; turn a failure into an error of one line."""
    if missing := folder_not_here():
        raise UnreachableError(missing)
    # before the first `dvc repro` there are only the data
    done = run(command, *([] if Path("dvc.lock").exists() else tracked()))
    if EDITED in done.stderr:
        files = " ".join(done.stderr.partition(EDITED)[2].splitlines()[1:])
        raise UserError(
            f"{files}: edited, and DVC has no copy; `dvc commit -f` keeps it, or delete it and pull again"
        )
    if MISSING in done.stderr:  # `dvc fetch` only warns of this, with exit code 0
        raise UserError("DVC's remote lacks files that are committed; `dvc push` where they are")
    if done.returncode == 0:
        return
    mistake = next(iter(dvc.printed_errors(done.stderr)), "no reason given")
    raise UnreachableError(
        f"DVC's remote cannot be read: {mistake}; give the job its credentials as secrets "
        "(a fork's job gets none: a maintainer has to push its branch to this repository)"
    )


def folder_not_here() -> str:
    """Say that the remote is a folder which this machine does not have; empty if it is something else."""
    from dvc.repo import Repo

    with Repo() as repo:
        remote = repo.cloud.get_remote()
    if remote.fs.protocol != "local" or Path(remote.path).is_dir():
        return ""
    return (
        f"{remote.path}: DVC's remote is a folder, which this machine does not have; share one: "
        "`dvc remote modify storage url s3://BUCKET/PATH`, commit .dvc/config and `dvc push`"
    )


def tracked() -> list[str]:
    """List the .dvc files."""
    return [path.as_posix() for path in sorted(Path("data").rglob("*.dvc"))]


def imported() -> list[str]:
    """List the .dvc files of data that came by `dvc import` or `dvc import-url`."""
    return [file for file in tracked() if "deps" in read_yaml(Path(file))]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run DVC, and print its messages."""
    done = subprocess.run(
        dvc.command(*arguments), stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    )
    print(done.stderr, end="", file=sys.stderr)
    return done
