"""DVC by its command line: how it is started, and what it says went wrong."""

import sys

ERROR = "ERROR: "


def command(*arguments: str) -> list[str]:
    """Return the command that runs DVC with these arguments, in this Python's environment."""
    return [sys.executable, "-m", "dvc", *arguments]


def mistakes(said: str) -> list[str]:
    """List what DVC says went wrong, in what it printed."""
    return [line.removeprefix(ERROR) for line in said.splitlines() if line.startswith(ERROR)]
