"""What differs from project to project beside params.yaml: pyproject.toml says it."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import UserError
from .paths import project_root

FILE = "pyproject.toml"
EXAMPLES = {"name": "my-project", "tracking_uri": "sqlite:///mlflow.db"}


def project_name() -> str:
    """Return the project's name, which is that of its experiment in MLflow.

    Raises:
        UserError: pyproject.toml does not say, or cannot be read.
    """
    return _text("project", "name")


def default_tracking_uri() -> str:
    """Return where MLflow's store is unless MLFLOW_TRACKING_URI says otherwise.

    Raises:
        UserError: pyproject.toml does not say, or cannot be read.
    """
    return _text("tool", "engine", "tracking_uri")


def trusted_libraries() -> list[str]:
    """Return the libraries whose types a model may hold, beside those that every project has.

    Raises:
        UserError: pyproject.toml says it in another way than by a list of names.
    """
    found = _value("tool", "engine", "trusted")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise UserError(f"{project_root() / FILE}: [tool.engine] trusted: needs a list of names of libraries")
    return found


def _value(*key: str) -> Any:
    content: Any = _read(project_root() / FILE)
    for part in key:
        content = content.get(part) if isinstance(content, dict) else None
    return content


def _text(*key: str) -> str:
    path, content = project_root() / FILE, _value(*key)
    if not isinstance(content, str) or not content:
        table, example = ".".join(key[:-1]), f"{key[-1]} = {EXAMPLES[key[-1]]!r}"
        raise UserError(f"{path}: [{table}] needs {key[-1]}, a text, such as {example}")
    return content


@lru_cache
def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from None
