"""What git knows of the project."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def output(*arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> bytes | None:
    """Run git and return what it prints; None if it fails or is not there."""
    try:
        return subprocess.run(
            ["git", *arguments],
            capture_output=True,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def text(*arguments: str, cwd: Path | None = None) -> str | None:
    """Run git and return what it prints as text, without the last line's end."""
    said = output(*arguments, cwd=cwd)
    return None if said is None else os.fsdecode(said).rstrip()
