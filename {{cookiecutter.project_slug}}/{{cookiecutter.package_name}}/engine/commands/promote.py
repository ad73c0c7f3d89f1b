"""Give a version the alias @champion (or @challenger), if it passes the gates and others can reproduce it.

The version's model is put through the gates again, on the current test rows and against the current champion.
What it was made from must be available to others: its run in the tracking store, its code in a commit on a
branch, its data in DVC's remote or where it was imported from.
`rollback` brings the previous champion back.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..base import console
from ..base.errors import UserError
from ..judging.checks import load_checked_params
from ..judging.gate import Gate
from ..lineage.pipeline import data_path
from ..lineage.sources import why_unavailable
from ..params import Params
from ..registration.decision import gates_table
from ..registration.quality import quality
from ..registry.changes import Change, aliases_after, moves, one_line
from ..registry.history import history_of
from ..registry.lost import lost_run
from ..registry.provenance import commit_of, why_no_commit
from ..registry.registry import ARCHIVED, CANARY, CHALLENGER, CHAMPION, Registry
from ..tracking import store

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def add_arguments(parser: ArgumentParser) -> None:
    """Add the version, the alias that it gets, and why."""
    parser.add_argument(
        "version", nargs="?", default=f"@{CHALLENGER}", help="3 or @challenger (default: @challenger)"
    )
    parser.add_argument(
        "--to", choices=(CHAMPION, CHALLENGER), default=CHAMPION, help="the alias (default: champion)"
    )
    parser.add_argument("--reason", required=True, help="for the history")
    parser.add_argument(
        "--force", action="store_true", help="promote it even if gates fail; the history records that"
    )


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
        models: the registered model's versions.
        params: the current parameters.
        name: `3` or `@challenger`.
        alias: @champion or @challenger, without the @.
        reason: for the history.
        force: whether to move the alias even if gates fail.

    Raises:
        UserError: there is no such version, it is archived, it has the alias already, or it did not pass; or
            somebody else changed an alias meanwhile.
    """
    version = in_use(models, name)
    number = str(version.version)
    history = history_of(models.client, models.name)
    changes = history.for_a_change()
    aliases = aliases_after(changes)
    if number in (aliases[alias], aliases[CHAMPION]):
        held = alias if number == aliases[alias] else CHAMPION
        raise UserError(f"version {number} is @{held} already; nothing to do")

    gates, failed = put_through_gates(models, version, params, "promote")
    if failed and not force:
        raise UserError(
            f"version {number} is not promoted: {failed} of {len(gates)} gates not passed; "
            "`--force` promotes it anyway, and the history records that"
        )
    to = {alias: number}
    if alias == CHAMPION:  # it no longer awaits approval, nor is it the canary
        to |= {other: "" for other in (CHALLENGER, CANARY) if number == aliases[other]}
    return history.move(
        changes, to, command="promote", reason=one_line(reason), gates=gates, forced=bool(failed)
    )


def in_use(models: Registry, name: str) -> "ModelVersion":
    """Return a version that may get an alias.

    Raises:
        UserError: there is no such version, or it is archived.
    """
    version = models.version(name)
    if ARCHIVED in version.tags:
        raise UserError(f"version {version.version} is archived: {version.tags[ARCHIVED]}; take another one")
    return version


def put_through_gates(
    models: Registry, version: "ModelVersion", params: Params, command: str
) -> tuple[list[dict[str, Any]], int]:
    """Put a version through the gates, and print the verdicts.

    Returns:
        The gates, for the history, and how many were not passed.
    """
    gates = [*provenance(models, version), *quality(models, version, params)]
    record = [asdict(gate) for gate in gates]
    console.table(f"{command}: {models.name} version {version.version}", gates_table(record))
    return record, sum(not gate.passed for gate in gates)


def provenance(models: Registry, version: "ModelVersion") -> list[Gate]:
    """Check that others can get the run, the code and the data that a version was made from."""
    commit = commit_of(models.client, version)
    data = why_unavailable(version.tags.get("data.md5", ""), data_path(), commit)
    code = "it is" if commit else why_no_commit(version.tags)
    lost = lost_run(models.client, version)
    return [
        Gate("run", "in the tracking store", lost or "it is", not lost),
        Gate("code", "in a commit on a branch", code, bool(commit)),
        Gate("data", "in DVC's remote, or at their source", data or "they are", not data),
    ]
