"""Files in which git left the marks of a conflict, and which therefore cannot be read."""

import re
from collections.abc import Iterable
from pathlib import Path

from .errors import UserError
from .paths import EVALUATION, LOCK, METRICS, PACKAGE, PARAMS, PIPELINE, REGISTRATION, VALIDATION

# nearly every command reads these
READ = (PARAMS, PIPELINE, LOCK, METRICS, EVALUATION, REGISTRATION, VALIDATION)
MARKS = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)  # https://git-scm.com/docs/git-merge


def marked(paths: Iterable[Path]) -> list[Path]:
    """List those of some files that have the marks of a conflict."""
    return [path for path in paths if path.is_file() and MARKS.search(path.read_bytes())]


def check_none() -> None:
    """Check that no file that the pipeline reads or writes has the marks of a conflict.

    Raises:
        UserError: a file has them; names it and the command that resolves the conflict.
    """
    files = marked([*READ, *sorted(Path("data").rglob("*.dvc"))])
    if files:
        raise UserError(
            f"{', '.join(path.as_posix() for path in files)}: git left the marks of a conflict here; "
            f"`python -m {PACKAGE} merge` says how to resolve it, and makes the results again"
        )
