"""What differs from project to project beside params.yaml: pyproject.toml says it."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import UserError
from .flat import value_at
from .paths import project_root

FILE = "pyproject.toml"
EXAMPLES = {"name": "my-project", "tracking_uri": "sqlite:///mlflow.db"}


def project_name() -> str:
    """Return the project's name, which is that of its experiment in MLflow.

    Raises:
        UserError: pyproject.toml does not say, or cannot be read.
    """
    return _text("project.name")


def default_tracking_uri() -> str:
    """Return where MLflow's store is unless MLFLOW_TRACKING_URI says otherwise.

    Raises:
        UserError: pyproject.toml does not say, or cannot be read.
    """
    return _text("tool.engine.tracking_uri")


def trusted_libraries() -> list[str]:
    """Return the libraries whose types a model may hold, beside those that every project has.

    Raises:
        UserError: pyproject.toml says it in another way than by a list of names.
    """
    found = _value("tool.engine.trusted")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise UserError(f"{project_root() / FILE}: [tool.engine] trusted: needs a list of names of libraries")
    return found


def _value(name: str) -> Any:
    return value_at(_read(project_root() / FILE), name)


def _text(name: str) -> str:
    content = _value(name)
    if not isinstance(content, str) or not content:
        table, _, key = name.rpartition(".")
        example = f"{key} = {EXAMPLES[key]!r}"
        raise UserError(f"{project_root() / FILE}: [{table}] needs {key}, a text, such as {example}")
    return content


@lru_cache
def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from None
