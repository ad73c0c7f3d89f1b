"""Give a version the alias @champion (or @challenger), if it passes the gates and others can have it.

The version's model is put through the gates anew, on the test rows of now and against the champion of now.
What it was made of must be had by others: its run in the tracking store, its code in a commit on a branch,
its data in DVC's remote or where they were imported from.
The former champion is remembered: `rollback` brings it back.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..judging.checks import load_checked_params
from ..judging.gate import Gate
from ..lineage.pipeline import data_path
from ..lineage.sources import why_unavailable
from ..params import Params
from ..registration.quality import quality
from ..registry.changes import ALIASES, Change, aliases_after, moves, one_line
from ..registry.history import history_of
from ..registry.lost import lost_run
from ..registry.provenance import commit_of, why_in_none
from ..registry.registry import ARCHIVED, CHALLENGER, CHAMPION, Registry
from ..tracking import store
from .gate import shown

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def add_arguments(parser: ArgumentParser) -> None:
    """Name the version and what it is to be, and say why."""
    parser.add_argument(
        "version", nargs="?", default=f"@{CHALLENGER}", help="3 or @challenger, which it is if not given"
    )
    parser.add_argument("--to", choices=ALIASES, default=CHAMPION, help="the alias (default: champion)")
    parser.add_argument("--reason", required=True, help="for the history")
    parser.add_argument("--force", action="store_true", help="whatever the gates say; the history keeps it")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        params = load_checked_params()
        models = Registry(client, params.register_.name)
        change = promote(models, params, arguments.version, arguments.to, arguments.reason, arguments.force)
        print(f"{params.register_.name}: {moves(change)} ({change.verdict})")


def promote(models: Registry, params: Params, name: str, alias: str, reason: str, force: bool) -> Change:
    """Put a version through the gates, print the verdict and move the alias.

    Args:
        models: the registered model's.
        params: of now.
        name: `3` or `@challenger`.
        alias: one of ALIASES.
        reason: for the history.
        force: whether it need not pass.

    Raises:
        UserError: there is no such version, it is archived, has the alias, or did not pass; or somebody
            else changed an alias meanwhile.
    """
    version = models.version(name)
    number = str(version.version)
    if ARCHIVED in version.tags:
        raise UserError(f"version {number} is archived: {version.tags[ARCHIVED]}; promote another one")
    history = history_of(models.client, models.name)
    known = history.changes()
    aliases = aliases_after(known)
    if number in (aliases[alias], aliases[CHAMPION]):
        held = alias if number == aliases[alias] else CHAMPION
        raise UserError(f"version {number} is @{held} already; nothing to do")

    gates = [*provenance(models, version), *quality(models, version, params)]
    failed = [gate for gate in gates if not gate.passed]
    said = [asdict(gate) for gate in gates]
    console.table(f"promote: {models.name} version {number}", shown(said))
    if failed and not force:
        raise UserError(
            f"version {number} stays what it is: {len(failed)} of {len(gates)} gates not passed; "
            "`--force` promotes it all the same, and the history says so"
        )
    to = {alias: number}
    if alias == CHAMPION and number == aliases[CHALLENGER]:
        to[CHALLENGER] = ""  # it awaits nothing any more
    return history.move(
        known, to, command="promote", reason=one_line(reason), gates=said, forced=bool(failed)
    )


def provenance(models: Registry, version: "ModelVersion") -> list[Gate]:
    """Check that others can have what a version was made of."""
    commit = commit_of(models.client, version)
    data = why_unavailable(version.tags.get("data.md5", ""), data_path(), commit)
    code = "it is" if commit else why_in_none(version.tags)
    gone = lost_run(models.client, version)
    return [
        Gate("run", "in the tracking store", gone or "it is", not gone),
        Gate("code", "in a commit on a branch", code, bool(commit)),
        Gate("data", "in DVC's remote, or at their source", data or "they are", not data),
    ]
