"""Files between the stages: one is there whole or not at all."""

import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .errors import UserError, first_line

State = list[int] | None  # of a file: what tells that it is another one; None if there is none
States = dict[str, State]


def needed(path: Path, stage: str) -> Path:
    """Return the path of a file that an earlier stage writes.

    Raises:
        UserError: it is not there.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file; `dvc repro {stage}` makes it")
    return path


def read_json(path: Path, stage: str) -> dict[str, Any]:
    """Read the block of JSON that an earlier stage writes.

    Raises:
        UserError: it is not there, or something else.
    """
    try:
        content = json.loads(needed(path, stage).read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(path, stage, error) from None
    if not isinstance(content, dict):
        raise damaged(path, stage, TypeError("it is no block of names and values"))
    return content


def read_model(path: Path, stage: str) -> Any:
    """Load the model that an earlier stage writes.

    Raises:
        UserError: it is not there, is damaged, or needs a class that is not there any more.
    """
    import joblib

    try:
        return joblib.load(needed(path, stage))
    except (UserError, OSError):
        raise
    except Exception as error:  # whatever half a pickle leads to
        raise damaged(path, stage, error) from None


def damaged(path: Path, stage: str, error: Exception) -> UserError:
    """Make the error for a file that an earlier stage writes and that cannot be read."""
    reason = first_line(error)
    return UserError(f"{path}: cannot be read: {reason}; `dvc repro {stage}` makes it anew")


def write_json(path: Path, content: Any) -> None:
    """Write JSON as people diff it: indented, in the given order, without NaN.

    Raises:
        ValueError: a number is not finite.
    """
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8, with the line endings of Unix."""
    write(path, lambda to: to.write_text(text, encoding="utf-8", newline="\n"))


def write(path: Path, writer: Callable[[Path], object]) -> None:
    """Let `writer` write a file beside `path`, then put it in its place.

    What was there is replaced, never written into: DVC may have linked it to its cache. It may be a folder.

    Raises:
        OSError: it cannot be written; what was there still is.
    """
    partial = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(partial)  # of a process that was killed
        writer(partial)
        if path.is_dir():
            shutil.rmtree(path)
        partial.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        with suppress(OSError):
            _remove(partial)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def states(files: Iterable[Path | str]) -> States:
    """Return the states of files: what DVC, too, goes by to see that one has not changed."""
    found: States = {}
    for file in files:
        try:
            stat = Path(file).stat()
            found[str(file)] = [stat.st_ino, stat.st_size, stat.st_mtime_ns]
        except FileNotFoundError:
            found[str(file)] = None
    return found


def files_in(path: Path) -> list[Path]:
    """List the files in a folder but those that Python keeps there, as .dvcignore has it; or the file."""
    if not path.is_dir():
        return [path]
    found = (file for file in sorted(path.rglob("*")) if "__pycache__" not in file.parts)
    return [file for file in found if file.is_file()]
