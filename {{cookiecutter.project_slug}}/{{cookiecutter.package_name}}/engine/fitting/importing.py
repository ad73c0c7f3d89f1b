"""What an import path names. This imports nothing else, since `features.py`, and so every model, needs it."""

import importlib
import inspect
from typing import Any

from ..base.paths import PACKAGE


def renamed(path: str) -> str:
    """Return an import path as it is here: the package has another name on a cluster's workers."""
    root, _, rest = path.partition(".")
    names = getattr(importlib.import_module(PACKAGE), "RENAMED", {})
    return f"{names.get(root, root)}.{rest}"


def imported(path: str) -> Any:
    """Import what a path names; a module that cannot be imported is not reported as a missing attribute.

    Raises:
        Exception: whatever a module raises; ModuleNotFoundError or AttributeError if there is no such thing.
    """
    module, *names = path.split(".")
    attribute: Any = importlib.import_module(module)
    for name in names:
        if inspect.ismodule(attribute):
            module = f"{module}.{name}"
            try:
                attribute = importlib.import_module(module)
                continue
            except ModuleNotFoundError as error:
                if error.name != module:
                    raise
        attribute = getattr(attribute, name)
    return attribute


def describe_error(error: BaseException) -> str:
    """Describe in a line what was raised."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    text = str(error).strip().split("\n")[0][:300]
    plain = text and isinstance(error, (ValueError, ImportError))
    return text if plain else f"{type(error).__name__}: {text}"
