"""Tag a version as archived: neither `promote`, `rollback` nor the pipeline gives it an alias any more."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from ..base.errors import UserError
from ..lineage.lineage import user
from ..project import load_params
from ..registry.changes import aliases_after, one_line
from ..registry.history import history_of
from ..registry.registry import ARCHIVED, Registry
from ..tracking import store


def add_arguments(parser: ArgumentParser) -> None:
    """Name the version, and say why."""
    parser.add_argument("version", help="3")
    parser.add_argument("--reason", required=True, help="for the tag")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        models = Registry(client, load_params().register_.name)
        said = archive(models, arguments.version, arguments.reason)
        print(f"{models.name} version {arguments.version}: archived, {said}")


def archive(models: Registry, name: str, reason: str) -> str:
    """Tag a version; returns what the tag says: when, by whom and why.

    Raises:
        UserError: there is no such version, or it has an alias.
    """
    number = str(models.version(name).version)
    known = history_of(models.client, models.name).changes()
    held = [f"@{alias}" for alias, version in aliases_after(known).items() if version == number]
    if held:
        raise UserError(f"version {number} is {held[0]}; promote another one first, or `rollback`")
    said = f"{datetime.now(UTC):%Y-%m-%d} by {user()}: {one_line(reason)}"
    models.client.set_model_version_tag(models.name, number, ARCHIVED, said)
    return said
