"""Files in which git left the marks of a conflict: none of them can be read as what it is."""

import re
from collections.abc import Iterable
from pathlib import Path

from .errors import UserError
from .paths import EVALUATION, LOCK, METRICS, PACKAGE, PARAMS, PIPELINE, REGISTRATION, VALIDATION

READ = (PARAMS, PIPELINE, LOCK, METRICS, EVALUATION, REGISTRATION, VALIDATION)  # by nearly every command
MARKS = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)  # https://git-scm.com/docs/git-merge


def marked(paths: Iterable[Path]) -> list[Path]:
    """List those of some files that have the marks of a conflict."""
    return [path for path in paths if path.is_file() and MARKS.search(path.read_bytes())]


def check_none() -> None:
    """Check that no file that the pipeline reads or writes has the marks of a conflict.

    Raises:
        UserError: one has; names it and the command that resolves it.
    """
    files = marked([*READ, *sorted(Path("data").rglob("*.dvc"))])
    if files:
        raise UserError(
            f"{', '.join(path.as_posix() for path in files)}: git left the marks of a conflict here; "
            f"`python -m {PACKAGE} merge` says how to resolve it, and makes the results again"
        )
