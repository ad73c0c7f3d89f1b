"""Bring a DVC experiment into the workspace, and run the pipeline, which registers its model.

`dvc exp apply` alone silently discards uncommitted edits of files that git or DVC tracks, and undoes what was
committed since the experiment started. This command refuses in all these cases.
"""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

from ..base import dvc, git
from ..base.errors import UserError, first_line
from ..lineage import unsaved
from ..lineage.experiments import Experiment, experiment_named


def add_arguments(parser: ArgumentParser) -> None:
    """Add the experiment."""
    parser.add_argument("experiment", help="the experiment's name in `dvc exp show`, or its commit")


def main(arguments: Namespace) -> None:
    """Run the command."""
    experiment = experiment_named(arguments.experiment)
    refuse_to_undo_commits(experiment)
    check_files(experiment)
    for command in (["exp", "apply", experiment.commit], ["repro"]):
        done = subprocess.run(dvc.command(*command))
        if done.returncode:
            sys.exit(done.returncode)


def check_files(experiment: Experiment) -> None:
    """Check that all files of the experiment are available, and that applying it loses no file.

    A file that the pipeline writes again anyway may be lost; a line says so.

    Raises:
        UserError: a file is missing or would be lost; or DVC cannot tell.
    """
    from dvc.exceptions import DvcException

    name = experiment.name
    try:
        tracked = unsaved.tracked(experiment)
    except DvcException as error:
        reason = first_line(error)
        raise UserError(f"DVC cannot tell what applying {name!r} would do: {reason}") from None
    if edited := unsaved.edits(experiment, tracked.reported):
        raise UserError(
            f"{first_few(edited)}: not committed, and applying {name!r} would discard it; run `git commit` "
            "or `git stash --include-untracked` first, or move what git does not track"
        )
    if tracked.unsaved:
        raise UserError(
            f"{first_few(tracked.unsaved)}: not in DVC's cache, and applying {name!r} would discard it; "
            "`dvc commit` puts it there (then commit or stash its .dvc file), `dvc checkout --force` drops it"
        )
    if tracked.missing:
        raise UserError(
            f"{first_few(tracked.missing)}: part of {name!r}, but not in DVC's cache (`dvc gc` may have "
            f"deleted it); `dvc exp pull origin {name}` if it was pushed, or run it again with its "
            f"parameters: `dvc exp diff {experiment.baseline[:7]} {name}`, `dvc exp run -S …`"
        )
    for path in tracked.rewritten:
        print(f"{path}: differs from what the pipeline wrote; the pipeline writes it again")


def refuse_to_undo_commits(experiment: Experiment) -> None:
    """Check that nothing has been committed since the experiment started.

    Raises:
        UserError: something has been committed; says how to merge the experiment.
    """
    changed = (git.text("diff", "--name-only", experiment.baseline, "HEAD") or "").splitlines()
    if changed:
        name = experiment.name
        raise UserError(
            f"{name}: started from {experiment.baseline[:7]}; applying it would undo what was committed "
            f"since ({first_few(changed)}); merge it instead: "
            f"`dvc exp branch {name} {name}`, `git merge {name}`, `dvc checkout` and `dvc repro`"
        )


def first_few(paths: list[str]) -> str:
    """List the first three paths for a message."""
    return ", ".join(paths[:3]) + (" …" if len(paths) > 3 else "")
