"""The code that judges a trial: which modules of the project it is, and how it gets to a cluster."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..base.paths import PACKAGE
from ..lineage.imports import own_modules
from ..tracking.copies import Copies

# `project` finds the project's half by name
JUDGE = [f"{PACKAGE}.{name}" for name in ("engine.tuning.cross_validation", "metrics", "models", "params")]


def modules(content: dict[str, Any]) -> dict[str, Path]:
    """Find the modules that a trial's score depends on, by their names.

    Args:
        content: of params.yaml: any text in its blocks `model` and `tune` may name a class of the project.
    """
    texts = {text for block in ("model", "tune") for text in _texts(content.get(block)) if "." in text}
    return own_modules([*JUDGE, *sorted(texts)])


def packed(content: dict[str, Any]) -> tuple[str, bytes]:
    """Zip copies of these modules, whose names are made of the content of all.

    A worker that has seen an earlier version, or whose folder has the project, so runs this one.

    Returns:
        The package's name in the zip file, and the file. `RENAMED` in the package says what names are there.
    """
    made = io.BytesIO()
    with TemporaryDirectory() as scratch, zipfile.ZipFile(made, "w") as file:
        folder = Path(scratch)
        copies = Copies(modules(content), folder)
        package = copies.roots[PACKAGE]
        for inner in (path for path in folder.rglob("*") if path.is_dir()):
            (inner / "__init__.py").touch()  # without one it is no package in a zip
        with (folder / package / "__init__.py").open("a", encoding="utf-8") as init:
            init.write(f"\nRENAMED = {copies.roots!r}\n")
        for path in sorted(folder.rglob("*.py")):
            file.write(path, path.relative_to(folder))
    return package, made.getvalue()


def _texts(value: Any) -> Iterator[str]:
    """Return every text in a value of YAML, names among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value:
            yield from _texts(part)
            yield from _texts(value[part] if isinstance(value, dict) else None)
