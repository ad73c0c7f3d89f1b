"""Take a DVC experiment over into the workspace, and run the pipeline, which registers its model.

`dvc exp apply` alone silently throws away edits that are not committed, and undoes what was committed
since the experiment's start. This command refuses in both cases.
"""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

from .. import git
from ..errors import UserError
from ..tracking.experiments import Experiment, all_experiments, experiment_named
from ..tracking.pipeline import WRITTEN_BY_DVC


def add_arguments(parser: ArgumentParser) -> None:
    """Name the experiment."""
    parser.add_argument("experiment", help="its name in `dvc exp show`, or its commit")


def main(arguments: Namespace) -> None:
    """Run the command."""
    experiment = experiment_named(arguments.experiment)
    refuse_to_lose_edits(experiment)
    refuse_to_undo_commits(experiment)
    for command in (["exp", "apply", experiment.commit], ["repro"]):
        done = subprocess.run([sys.executable, "-m", "dvc", *command])
        if done.returncode:
            sys.exit(done.returncode)


def refuse_to_lose_edits(experiment: Experiment) -> None:
    """Check that what is in the workspace is also in a commit: of a branch, or of an experiment.

    But for what the pipeline writes, and would write again.

    Raises:
        UserError: something is not; names it.
    """
    paths = (".", *(f":(exclude){path}" for path in WRITTEN_BY_DVC))
    edited = (git.text("status", "--porcelain", "--untracked-files=all", "--", *paths) or "").splitlines()
    if not edited:
        return
    untracked = any(line.startswith("??") for line in edited)
    kept = (
        git.output("diff", "--quiet", other.commit, "--", *paths) is not None for other in all_experiments()
    )
    if untracked or not any(kept):
        some = ", ".join(line[3:] for line in edited[:3]) + (" …" if len(edited) > 3 else "")
        raise UserError(
            f"{some}: not committed, and applying {experiment.name!r} would throw it away; "
            "run `git commit` or `git stash --include-untracked` first"
        )


def refuse_to_undo_commits(experiment: Experiment) -> None:
    """Check that the experiment started from what is committed now.

    Raises:
        UserError: it did not; says how to merge it.
    """
    changed = (git.text("diff", "--name-only", experiment.baseline, "HEAD") or "").splitlines()
    if changed:
        name = experiment.name
        raise UserError(
            f"{name}: started from {experiment.baseline[:7]}; applying it would undo what was committed "
            f"since ({', '.join(changed[:3])}{' …' if len(changed) > 3 else ''}); merge it instead: "
            f"`dvc exp branch {name} {name}`, `git merge {name}`, `dvc checkout` and `dvc repro`"
        )
