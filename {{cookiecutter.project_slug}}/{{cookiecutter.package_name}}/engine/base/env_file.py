"""The project's .env: variables for whatever the project starts. What is set already has precedence."""

from dotenv import dotenv_values, load_dotenv

from .paths import project_root

ENV_FILE = ".env"


def load() -> None:
    """Set the variables of .env that are not set."""
    load_dotenv(project_root() / ENV_FILE)


def values() -> dict[str, str]:
    """Return the variables of .env that have a value; empty if there is no such file."""
    return {name: value for name, value in dotenv_values(project_root() / ENV_FILE).items() if value}
