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
    parser.add_argument("--reason", required=True, help="for the tag and the history")
    parser.add_argument("--force", action="store_true", help="take its alias away, so that no version has it")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        models = Registry(client, load_params().register_.name)
        archived = archive(models, arguments.version, arguments.reason, arguments.force)
        print(f"{models.name} version {arguments.version}: archived, {archived}")


def archive(models: Registry, name: str, reason: str, force: bool = False) -> str:
    """Tag a version; returns what the tag says: when, by whom and why.

    Raises:
        UserError: there is no such version, or it has an alias that is not to be taken away.
    """
    number = str(models.version(name).version)
    history = history_of(models.client, models.name)
    known = history.changes()
    aliases = [alias for alias, version in aliases_after(known).items() if version == number]
    if aliases and not force:
        raise UserError(
            f"version {number} is @{aliases[0]}; promote another one first, or `rollback`; "
            "`--force` takes the alias away"
        )
    if aliases:
        history.move(known, dict.fromkeys(aliases, ""), command="archive", reason=one_line(reason))
    tag = f"{datetime.now(UTC):%Y-%m-%d} by {user()}: {one_line(reason)}"
    models.client.set_model_version_tag(models.name, number, ARCHIVED, tag)
    return tag
