"""Running git so that neither the user's configuration nor the language changes its answer."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .errors import UserError

PLAIN = {
    "core.quotePath": "false",
    "core.fsmonitor": "false",
    "core.safecrlf": "false",
    "color.ui": "false",
    "diff.relative": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",
}
# variables that change what git shows, or how it reads paths
CHANGE_OUTPUT = {"GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF"} | {
    f"GIT_{how}_PATHSPECS" for how in ("LITERAL", "GLOB", "NOGLOB", "ICASE")
}
# git's own messages (in its setup.c), the newer ones first
DISOWNED = re.compile(rb"dubious ownership|unsafe repository|is owned by someone else")
EXCEPTION = re.compile(rb"git config --global --add safe\.directory .+")


class GitError(Exception):
    """Git failed, or is not installed; the text says why."""


def ask(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, given: bytes = b""
) -> bytes:
    """Run git and return what it prints.

    Args:
        arguments: the command's arguments, `git` itself left out.
        env: variables to set beside the inherited ones.
        cwd: the folder to run in; None: the current one.
        given: what git reads from standard input.

    Raises:
        GitError: git fails, or is not installed.
        UserError: git refuses the repository because it belongs to another user.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in CHANGE_OUTPUT}
    settings = [part for name, value in PLAIN.items() for part in ("-c", f"{name}={value}")]
    try:
        done = subprocess.run(
            ["git", *settings, *(encoded(argument) for argument in arguments)],
            input=given,
            capture_output=True,
            cwd=cwd,
            env={**inherited, "LC_ALL": "C", **(env or {})},
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if done.returncode and DISOWNED.search(done.stderr):
        way_out = EXCEPTION.search(done.stderr)
        how = decoded(way_out[0]) if way_out else "git config --global --add safe.directory FOLDER"
        raise UserError(
            f"git refuses this repository, which belongs to another user; if you trust it: `{how}`"
        )
    if done.returncode:
        lines = decoded(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise GitError(lines[0].removeprefix("fatal: ").removeprefix("error: "))
    return done.stdout


def output(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> bytes | None:
    """Run git and return what it prints; None if it fails. Raises UserError as `ask` does."""
    try:
        return ask(*arguments, env=env, cwd=cwd)
    except GitError:
        return None


def text(*arguments: str | Path, cwd: Path | None = None) -> str | None:
    """Run git and return what it prints as text, without space at its end; None if it fails."""
    printed = output(*arguments, cwd=cwd)
    return None if printed is None else decoded(printed).rstrip()


def head() -> str:
    """Return the commit that is checked out.

    Raises:
        GitError: there is no commit; the text says why, and what to do.
    """
    try:
        ask("rev-parse", "--git-dir")
    except GitError as error:
        none = "not a git repository" in str(error)
        raise GitError("this is not a git repository: run `git init`" if none else str(error)) from None
    if commit := text("rev-parse", "--verify", "--quiet", "HEAD"):
        return commit
    raise GitError("nothing is committed yet: run `git add --all` and `git commit`")


def encoded(argument: str | Path) -> bytes:
    """Return an argument as git takes it: a path in the system's encoding, other text in UTF-8."""
    if isinstance(argument, Path):
        return os.fsencode(argument)
    return argument.encode("utf-8", "surrogateescape")


def decoded(printed: bytes) -> str:
    """Return what git printed as text: git writes UTF-8 in every locale."""
    return printed.decode("utf-8", "surrogateescape")
