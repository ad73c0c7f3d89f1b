"""Finish a `git merge` that stopped at conflicts in results: dvc.lock and reports/.

Results cannot be merged line by line: they belong to the files that they were made from. First resolve what
people edit (params.yaml, code, .dvc files), and `git add` it. Then this command takes one side of the
results, gets the data that the .dvc files name after the merge, runs `dvc repro`, which takes from DVC's
cache what either side has made, and stages the results. `git commit` is left to you. It works in a rebase or
a cherry-pick, too.
"""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

from ..base import dvc, git
from ..base.conflicts import check_none
from ..base.errors import UserError
from ..base.paths import LOCK, PACKAGE
from ..lineage.pipeline import WRITTEN_BY_DVC
from ..storage import transfer

OURS, THEIRS = "2", "3"  # git's numbers for the sides


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments."""


def main(arguments: Namespace) -> None:
    """Run the command."""
    sides = unmerged()
    results = [path for path in sides if path.split("/")[0] in WRITTEN_BY_DVC]
    refuse_files_of_a_person([path for path in sides if path not in results])
    for path in results:
        take_a_side(path, sides[path])
    check_none()
    if not sides:
        print("nothing is in conflict")
    get_data()
    if code := subprocess.run(dvc.command("repro")).returncode:
        sys.exit(code)
    git.ask("add", "--", *(path for path in WRITTEN_BY_DVC if git.text("ls-files", "--", path)))
    again = ", then `git commit`" if sides else ""
    print(f"{LOCK} and reports/ belong to the merged files now: `dvc push`{again}")


def unmerged() -> dict[str, set[str]]:
    """Return which sides git has of each of the project's files that are in conflict, by its path from here.

    Raises:
        UserError: this is not a git repository.
    """
    try:
        listed = git.decoded(git.ask("ls-files", "--unmerged", "-z"))
    except git.GitError as error:
        raise UserError(str(error)) from None
    sides: dict[str, set[str]] = {}
    for entry in listed.split("\0")[:-1]:  # MODE OBJECT SIDE, a tab, the path
        head, _, path = entry.partition("\t")
        sides.setdefault(path, set()).add(head.split()[2])
    return sides


def refuse_files_of_a_person(paths: list[str]) -> None:
    """Check that only results are in conflict.

    Raises:
        UserError: something else is; says how to resolve it.
    """
    if not paths:
        return
    data = [path for path in paths if path.endswith(".dvc")]
    how = f"take a side of {data[0]}: `git checkout --ours {data[0]}` or `--theirs`" if data else "edit"
    raise UserError(
        f"{', '.join(paths)}: in conflict, and only you know what is right: {how}, "
        f"`git add {' '.join(paths)}`, then `python -m {PACKAGE} merge` again"
    )


def take_a_side(path: str, sides: set[str]) -> None:
    """Take our side of a result, or theirs if we deleted it, and stage it: the pipeline writes it again."""
    if not sides & {OURS, THEIRS}:
        git.ask("rm", "--quiet", "--cached", "--", path)
        return
    git.ask("checkout", "--ours" if OURS in sides else "--theirs", "--", path)
    git.ask("add", "--", path)


def get_data() -> None:
    """Check out the data that the .dvc files name after the merge.

    If the old table were still there, `dvc repro` would take it for an edit, and overwrite its .dvc file.

    Raises:
        UserError: neither the cache nor the remote has the data, or the table was edited.
    """
    files = transfer.tracked()
    if files and transfer.run("checkout", *files, shown=False).returncode:
        transfer.pull(files)
