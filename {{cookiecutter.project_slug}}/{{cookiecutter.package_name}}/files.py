"""Writing results: a file is there whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Any) -> None:
    """Write JSON as people diff it: indented, in the given order, without NaN.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write(path, lambda to: to.write_text(text, encoding="utf-8", newline="\n"))


def write(path: Path, writer: Callable[[Path], object]) -> None:
    """Let `writer` write a file beside `path`, then put it in its place.

    What was there is replaced, never written into: DVC may have linked it to its cache.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    writer(partial)
    partial.replace(path)
