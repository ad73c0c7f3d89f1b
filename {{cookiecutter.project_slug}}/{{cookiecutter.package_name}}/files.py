"""Files between the stages: one is there whole or not at all."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .errors import UserError

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

    What was there is replaced, never written into: DVC may have linked it to its cache.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    writer(partial)
    partial.replace(path)


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
