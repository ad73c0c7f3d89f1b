"""Correct the paths in a local tracking store after the project was moved, renamed or copied."""

from argparse import ArgumentParser, Namespace

from ..base import console
from ..base.errors import UserError
from ..base.paths import project_root
from ..tracking import address, moved
from ..tracking.local_store import local_database


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments."""


def main(arguments: Namespace) -> None:
    """Run the command."""
    uri = address.tracking_uri()
    database = local_database(uri)
    if database is None:
        raise UserError(f"{uri}: only a local sqlite store has paths; a server keeps artifacts by itself")
    if not database.exists():
        raise UserError(f"{database}: there is no store yet; `dvc repro` makes one")
    changed = moved.repair(database, project_root())
    artifacts = project_root() / "mlruns"
    if any(changed.values()):
        console.summary("repair-paths", {**changed, "artifacts": artifacts})
    else:
        print(f"{database.name}: nothing to repair, the artifacts are in {artifacts}")
