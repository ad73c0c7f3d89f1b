"""Settings of the project in its pyproject.toml: its name, its default store, and the libraries it trusts."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import UserError
from .flat import value_at
from .paths import project_root

FILE = "pyproject.toml"
PATIENCE = 10.0  # seconds: a server that has just started on a busy machine needs more than three
EXAMPLES = {"name": "my-project", "tracking_uri": "sqlite:///mlflow.db"}


def project_name() -> str:
    """Return the project's name, which is also the name of its experiment in MLflow.

    Raises:
        UserError: pyproject.toml cannot be read, or does not have it.
    """
    return _text("project.name")


def default_tracking_uri() -> str:
    """Return the URI of MLflow's store that is used if MLFLOW_TRACKING_URI is not set.

    Raises:
        UserError: pyproject.toml cannot be read, or does not have it.
    """
    return _text("tool.engine.tracking_uri")


def trusted_libraries() -> list[str]:
    """Return the libraries whose types a model may hold, beside those that every project trusts.

    Raises:
        UserError: pyproject.toml cannot be read, or has something else than a list of names.
    """
    names = _value("tool.engine.trusted")
    if names is None:
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(f"{project_root() / FILE}: [tool.engine] trusted: needs a list of library names")
    return names


def shares_libraries() -> bool:
    """Tell whether the stages of one `dvc repro` share the libraries that they import: unless it says no.

    Raises:
        UserError: pyproject.toml has something other than true or false.
    """
    shares = _value("tool.engine.share")
    if not isinstance(shares, bool | None):
        raise UserError(f"{project_root() / FILE}: [tool.engine] share: needs true or false")
    return shares is not False


def patience() -> float:
    """Return the seconds within which a tracking server must accept a connection, and must answer.

    Raises:
        UserError: pyproject.toml has something else than a number of seconds.
    """
    seconds = _value("tool.engine.patience")
    if seconds is None:
        return PATIENCE
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise UserError(f"{project_root() / FILE}: [tool.engine] patience: needs a number of seconds")
    return seconds


def team() -> str:
    """Return the team that the project's runs belong to; empty if pyproject.toml does not say.

    Raises:
        UserError: it has something else than a text.
    """
    name = _value("tool.engine.team")
    if not isinstance(name, str | None):
        raise UserError(f"{project_root() / FILE}: [tool.engine] team: needs a text")
    return name or ""


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
