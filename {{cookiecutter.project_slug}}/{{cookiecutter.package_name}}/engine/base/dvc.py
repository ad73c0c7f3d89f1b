"""DVC's command line: how to start it, and which errors it printed."""

import sys

ERROR = "ERROR: "


def command(*arguments: str) -> list[str]:
    """Return the command that runs DVC with these arguments, in this Python's environment."""
    return [sys.executable, "-m", "dvc", *arguments]


def printed_errors(output: str) -> list[str]:
    """List the errors in what DVC printed."""
    return [line.removeprefix(ERROR) for line in output.splitlines() if line.startswith(ERROR)]
