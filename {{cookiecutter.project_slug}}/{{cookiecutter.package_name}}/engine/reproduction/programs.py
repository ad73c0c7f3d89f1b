"""Programs that run as if neither a DVC stage nor a hook of git had started this process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ..base.errors import UserError

PATIENCE = 10  # seconds that processes may take to end when they are killed


def git_command(*arguments: str) -> list[str]:
    """Return a git command that runs no hooks."""
    return ["git", "-c", f"core.hooksPath={os.devnull}", *arguments]


def run_program(
    command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, given: bytes = b""
) -> tuple[int, str]:
    """Run a program; `python` is this Python.

    Args:
        command: the program and its arguments.
        cwd: the folder that it runs in.
        env: variables to add to its environment.
        given: its standard input.

    Returns:
        Its exit code, and what it printed to standard output and standard error.

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
        env={**inherited, "PATH": path, **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            printed, _ = process.communicate(given)
        except BaseException:
            # processes that it started would continue in a folder that is about to be deleted
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            with suppress(
                subprocess.TimeoutExpired
            ):  # until none has the pipe any more, also those that it lost
                process.communicate(timeout=PATIENCE)
            raise
    return process.returncode, printed.decode(errors="replace").strip()
