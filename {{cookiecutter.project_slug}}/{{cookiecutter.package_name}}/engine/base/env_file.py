"""The project's .env: variables for all that the project starts. What is set already takes precedence."""

from .paths import project_root

ENV_FILE = ".env"


def load() -> None:
    """Set the variables of .env that are not set."""
    # most projects have none, and the library is slow to import
    if (file := project_root() / ENV_FILE).is_file():
        from dotenv import load_dotenv

        load_dotenv(file)


def values() -> dict[str, str]:
    """Return the variables of .env that have a value; empty if there is no such file."""
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(project_root() / ENV_FILE).items() if value}
