"""The code that evaluates a trial: which modules of the project it is, and how workers get it."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..base.paths import PACKAGE
from ..lineage.imports import own_modules
from ..tracking.copies import Copies

# the project's half is listed, since `engine/project.py` imports it by name only when it is asked
ENTRIES = [f"{PACKAGE}.{name}" for name in ("engine.tuning.cross_validation", "metrics", "models", "params")]


def modules(content: dict[str, Any]) -> dict[str, Path]:
    """Return the modules that a trial's score depends on, by their names.

    Args:
        content: the content of params.yaml: any text in its blocks `model` and `tune` may name a class of the
            project.
    """
    texts = {text for block in ("model", "tune") for text in _texts(content.get(block)) if "." in text}
    return own_modules([*ENTRIES, *sorted(texts)])


def pack(content: dict[str, Any]) -> tuple[str, bytes]:
    """Zip copies of these modules, under names that end in a hash of the content of all of them.

    So a worker runs this code even if it has loaded an earlier version, or has the project in its folder.

    Args:
        content: the content of params.yaml.

    Returns:
        The name of the package in the zip file, and the zip file. The package's `RENAMED` maps each top-level
        name here to its name there.
    """
    packed = io.BytesIO()
    with TemporaryDirectory() as scratch, zipfile.ZipFile(packed, "w") as file:
        folder = Path(scratch)
        copies = Copies(modules(content), folder)
        package = copies.roots[PACKAGE]
        for inner in (path for path in folder.rglob("*") if path.is_dir()):
            (inner / "__init__.py").touch()  # a folder without one is not a package in a zip file
        with (folder / package / "__init__.py").open("a", encoding="utf-8") as init:
            init.write(f"\nRENAMED = {copies.roots!r}\n")
        for path in sorted(folder.rglob("*.py")):
            file.write(path, path.relative_to(folder))
    return package, packed.getvalue()


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value of YAML, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value:
            yield from _texts(part)
            yield from _texts(value[part] if isinstance(value, dict) else None)
