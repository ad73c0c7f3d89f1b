"""A copy of the project at a commit, in a temporary folder, whose pipeline leaves the original alone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..base import dvc
from ..base.errors import UserError
from ..base.text import masked
from ..tracking.local_store import sqlite_uri
from .programs import git_command, run_program


@dataclass(frozen=True)
class Scratch:
    """The copy, with a DVC cache and a tracking store of its own.

    Attributes:
        folder: the temporary folder, which holds everything else.
        repository: the root of a git repository in it.
        project: the project's root, which may be a folder of the repository.
    """

    folder: Path
    repository: Path
    project: Path

    @property
    def tracking_uri(self) -> str:
        """The store that the copy's stages log to."""
        return sqlite_uri(self.folder / "mlflow.db")

    def apply(self, diff: bytes) -> None:
        """Apply the uncommitted changes that a run recorded as `code.diff`.

        Raises:
            UserError: they do not apply to this commit.
        """
        command = git_command("apply", "--index", "--whitespace=nowarn", "-")
        if diff and self.run(*command, given=diff)[0]:
            raise UserError("the recorded uncommitted changes (code.diff) do not fit the recorded commit")

    def run_pipeline(self, target: str) -> None:
        """Run the pipeline up to a stage, even if it is cached; its output is printed only if it fails.

        Raises:
            UserError: the pipeline fails; gives the stage's own reason.
        """
        code, printed = self.run(*dvc.command("repro", "--force", target), cwd=self.project)
        if code:
            print(masked(printed), file=sys.stderr)
            reasons = [line for line in printed.splitlines() if line.lower().startswith("error: ")]
            raise UserError(f"the pipeline fails: {reasons[0][7:] if reasons else f'exit code {code}'}")

    def run(self, *command: str, given: bytes = b"", cwd: Path | None = None) -> tuple[int, str]:
        """Run a program in the copy.

        Args:
            command: the program and its arguments.
            given: its standard input.
            cwd: the folder that it runs in; None for the repository's root.

        Returns:
            Its exit code, and all that it printed.
        """
        site, temporary = self.folder / "site", self.folder / "tmp"
        temporary.mkdir(exist_ok=True)  # what a stage that is killed leaves there is deleted with the rest
        env = {
            "DVC_SITE_CACHE_DIR": str(site),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        }
        return run_program(command, cwd or self.repository, env, given)


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Scratch]:
    """Check out a commit of the project in `root` into a folder that is deleted after the block.

    The copy is a repository of its own that borrows the objects of the user's. A `git worktree` would be
    registered in the user's repository, remain there if the process is killed, and run their hooks.

    Raises:
        UserError: the repository does not have the commit.
    """
    _check_commit(root, commit)
    objects = _rev_parse(root, "--git-path", "objects")
    with TemporaryDirectory(prefix="reproduce-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        repository = folder / "repository"
        repository.mkdir()
        scratch = Scratch(folder, repository, repository / _rev_parse(root, "--show-prefix"))
        scratch.run(*git_command("init", "--quiet", "--template="))
        borrowed = repository / ".git" / "objects" / "info" / "alternates"
        borrowed.parent.mkdir(exist_ok=True)
        borrowed.write_bytes(os.fsencode((root / objects).resolve()) + b"\n")
        code, printed = scratch.run(*git_command("checkout", "--quiet", "--detach", commit))
        if code:
            reason = printed.splitlines()[-1]
            raise UserError(f"the recorded commit {commit} cannot be checked out: {reason}")
        settings = scratch.project / ".dvc"
        settings.mkdir(exist_ok=True)
        # a cache of its own, even if the project's is shared
        (settings / "config.local").write_text("[cache]\n    dir = cache\n", encoding="utf-8")
        yield scratch


def _check_commit(root: Path, commit: str) -> None:
    """Check that a repository has a commit.

    Raises:
        UserError: it does not; says how to get it.
    """
    if not _rev_parse(root, "--verify", "--quiet", f"{commit}^0"):
        how = "--unshallow" if _rev_parse(root, "--is-shallow-repository") == "true" else "--all"
        raise UserError(
            f"this repository does not have the recorded commit {commit}, and no branch has one with "
            f"the same files; try `git fetch {how}` or, if it was of a request, `git fetch origin {commit}`"
        )


def _rev_parse(root: Path, *arguments: str) -> str:
    """Return what `git rev-parse` prints in a folder; empty if it fails."""
    code, printed = run_program(git_command("rev-parse", *arguments), root)
    return "" if code or not printed else printed.splitlines()[-1]  # warnings come before it
