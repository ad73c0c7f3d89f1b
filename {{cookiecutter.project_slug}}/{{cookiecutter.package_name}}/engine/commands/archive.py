"""Tag a version as archived: `promote`, `rollback` and the pipeline no longer give it an alias."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from ..base.errors import UserError
from ..project import load_params
from ..registry.changes import aliases_after, one_line
from ..registry.history import history_of
from ..registry.registry import ARCHIVED, Registry
from ..tracking import store
from ..tracking.who import Who


def add_arguments(parser: ArgumentParser) -> None:
    """Add the version, the reason, and whether it may lose an alias."""
    parser.add_argument("version", help="its number, such as 3")
    parser.add_argument("--reason", required=True, help="for the tag and the history")
    parser.add_argument(
        "--of",
        metavar="MODEL",
        help="another registered model, such as the one before `adopt` (default: this project's)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="archive it even if it has an alias, which then belongs to no version",
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        models = Registry(client, arguments.of or load_params().register_.name)
        tag = archive(models, arguments.version, arguments.reason, arguments.force)
        print(f"{models.name} version {arguments.version}: archived, {tag}")


def archive(models: Registry, name: str, reason: str, force: bool = False) -> str:
    """Tag a version as archived.

    Args:
        models: the registered model's versions.
        name: `3` or `@champion`.
        reason: for the tag and the history.
        force: whether to take its aliases away.

    Returns:
        The tag's text: when, by whom and why.

    Raises:
        UserError: there is no such version, or it has an alias and `force` is not set.
    """
    number = str(models.version(name).version)
    history = history_of(models.client, models.name)
    aliases = [alias for alias, version in aliases_after(history.changes()).items() if version == number]
    if aliases and not force:
        raise UserError(
            f"version {number} is @{aliases[0]}; promote another one first, or `rollback`; "
            "`--force` takes the alias away"
        )
    if aliases:
        changes = history.for_a_change(deletes=True)
        history.move(changes, dict.fromkeys(aliases, ""), command="archive", reason=one_line(reason))
    tag = f"{datetime.now(UTC):%Y-%m-%d} by {Who.of(models.client).by}: {one_line(reason)}"
    models.client.set_model_version_tag(models.name, number, ARCHIVED, tag)
    return tag
