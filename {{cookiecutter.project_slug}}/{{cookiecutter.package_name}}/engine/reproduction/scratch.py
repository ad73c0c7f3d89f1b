"""A copy of the project at a commit, in a temporary folder, whose pipeline leaves the original alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from ..base import dvc
from ..base.errors import UserError
from ..base.text import masked
from ..tracking.local_store import sqlite_uri


@dataclass(frozen=True)
class Scratch:
    """The copy, with a DVC cache and a tracking store of its own.

    Attributes:
        folder: the temporary one; everything is in it.
        repository: the root of a git repository in it.
        project: the project's root, which need not be the repository's.
    """

    folder: Path
    repository: Path
    project: Path

    @property
    def tracking_uri(self) -> str:
        """The store that the copy's stages log to."""
        return sqlite_uri(self.folder / "mlflow.db")

    def apply(self, diff: bytes) -> None:
        """Change the code as a run's `code.diff` says.

        Raises:
            UserError: the diff is not one of this commit.
        """
        if diff and self.run(*_git("apply", "--index", "--whitespace=nowarn", "-"), given=diff)[0]:
            raise UserError("the recorded uncommitted changes (code.diff) do not fit the recorded commit")

    def run_pipeline(self, target: str) -> None:
        """Run the pipeline up to a stage, whatever is cached; what it says is shown only if it fails.

        Raises:
            UserError: it fails; with the stage's own reason.
        """
        code, said = self.run(*dvc.command("repro", "--force", target), cwd=self.project)
        if code:
            print(masked(said), file=sys.stderr)
            reasons = [line for line in said.splitlines() if line.lower().startswith("error: ")]
            raise UserError(f"the pipeline fails: {reasons[0][7:] if reasons else f'exit code {code}'}")

    def run(self, *command: str, given: bytes = b"", cwd: Path | None = None) -> tuple[int, str]:
        """Run a program in the copy and return its exit code and all that it printed.

        Args:
            command: the program and its arguments.
            given: its standard input.
            cwd: where; the repository's root if None.
        """
        own = {"DVC_SITE_CACHE_DIR": str(self.folder / "site"), "MLFLOW_TRACKING_URI": self.tracking_uri}
        return _run(command, cwd or self.repository, own, given)


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Scratch]:
    """Check a commit of the project in `root` out into a folder that is deleted afterwards.

    Into a repository of its own that borrows the objects of the user's. A `git worktree` would be
    written down in the user's repository, stay there if the process is killed, and run their hooks.

    Raises:
        UserError: the repository does not have the commit.
    """

    def ask(*question: str) -> str:
        code, said = _run(_git("rev-parse", *question), root)
        return "" if code or not said else said.splitlines()[-1]  # what comes before are warnings

    objects = ask("--git-path", "objects")
    if not ask("--verify", "--quiet", f"{commit}^0"):
        how = "--unshallow" if ask("--is-shallow-repository") == "true" else "--all"
        raise UserError(
            f"this repository does not have the recorded commit {commit}, and no branch has one with "
            f"the same files; try `git fetch {how}` or, if it was of a request, `git fetch origin {commit}`"
        )
    with TemporaryDirectory(prefix="reproduce-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        repository = folder / "repository"
        repository.mkdir()
        scratch = Scratch(folder, repository, repository / ask("--show-prefix"))
        scratch.run(*_git("init", "--quiet", "--template="))
        borrowed = repository / ".git" / "objects" / "info" / "alternates"
        borrowed.parent.mkdir(exist_ok=True)
        borrowed.write_bytes(os.fsencode((root / objects).resolve()) + b"\n")
        code, said = scratch.run(*_git("checkout", "--quiet", "--detach", commit))
        if code:
            raise UserError(f"the recorded commit {commit} cannot be checked out: {said.splitlines()[-1]}")
        dvc = scratch.project / ".dvc"
        dvc.mkdir(exist_ok=True)
        (dvc / "config.local").write_text("[cache]\n    dir = cache\n", encoding="utf-8")  # not a shared one
        yield scratch


def _git(*arguments: str) -> list[str]:
    """Make a git command that runs no hooks."""
    return ["git", "-c", f"core.hooksPath={os.devnull}", *arguments]


def _run(
    command: Sequence[str], cwd: Path, own: Mapping[str, str] | None = None, given: bytes = b""
) -> tuple[int, str]:
    """Run a program, with this Python as `python`, as if not within an experiment or a hook of git.

    Args:
        command: the program and its arguments.
        cwd: where.
        own: more of its environment.
        given: its standard input.

    Returns:
        Its exit code and all that it printed.

    Raises:
        UserError: there is no such program.
    """
    if shutil.which(command[0]) is None:
        raise UserError(f"{command[0]}: no such program; install it, or put it on the PATH")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DVC_ROOT", "DVC_STAGE")
        and (not name.startswith(("DVC_EXP_", "GIT_")) or name.startswith("GIT_CONFIG_"))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", "")])
    with subprocess.Popen(
        command,
        cwd=cwd,
        env={**inherited, "PATH": path, **(own or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            said, _ = process.communicate(given)
        except BaseException:
            # what it has started would go on in a folder that is about to be deleted
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            raise
    return process.returncode, said.decode(errors="replace").strip()
