"""Put the evaluated model through the gates; exit code 0 if no gate fails, 1 if one does.

Reads what `dvc repro evaluate` wrote, and compares the model with the champion on the same test rows. Nothing
is trained, registered or recorded. A comparison that is not possible is reported, but does not count as a
failure: a person then has to look at the model before it is promoted.
"""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from ..base import console
from ..base.errors import UserError
from ..base.hashing import file_md5
from ..base.paths import METRICS, MODEL
from ..judging.checks import load_checked_params
from ..judging.verdict import gates_of_evaluation
from ..lineage.staleness import stale
from ..registration.decision import VERDICTS, gates_table
from ..registry.lookup import run_or_stand_in
from ..registry.predecessors import Predecessors
from ..registry.registry import Registry
from ..split.dataset import Dataset
from ..tracking import store
from ..tracking.links import print_url, run_url
from .options import add_json, print_json


def add_arguments(parser: ArgumentParser) -> None:
    """Add the form of the output."""
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    refuse_stale()
    result = verdict()
    if arguments.json:
        print_json(result)
    else:
        console.table(f"gate: {VERDICTS[result['passed']]}", gates_table(result["gates"]))
        if result["page"]:
            print_url(result["page"])
        else:
            print(f"MLflow run {result['run_id']} (not in this store)")
    if not result["passed"]:
        sys.exit(1)


def verdict() -> dict[str, Any]:
    """Put the evaluated model through the gates.

    Returns:
        `passed` (whether no gate fails), `gates`, and the model's run: its `run_id` and its `page`, which is
        empty if the store does not have the run.

    Raises:
        UserError: there is no evaluation, or it is one of another model or other data.
    """
    with store.opened() as client:
        params = load_checked_params()
        before = Predecessors.of(Registry(client, params.register_.name), params, file_md5(MODEL))
        data = Dataset(params, every_column=True)
        evaluation, measured = gates_of_evaluation(params, data, before.champion)
        gates = [*before.gates, *measured]
        run_id = evaluation["run_id"]
        run = run_or_stand_in(client, run_id)
        return {
            "passed": all(gate.passed is not False for gate in gates),
            "gates": [asdict(gate) for gate in gates],
            "run_id": run_id,
            "page": run_url(client.tracking_uri, run.info.experiment_id, run.info.run_id) if run else "",
        }


def refuse_stale() -> None:
    """Check that the evaluation belongs to the current data, parameters and code.

    Raises:
        UserError: it does not; names what has changed since.
    """
    if changed := stale():
        listed = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        raise UserError(f"{METRICS}: is out of date ({listed}); run `dvc repro evaluate` first")
