"""Put the evaluated model through the gates: exit code 0 if it fails none, else 1.

Reads what `dvc repro evaluate` wrote, and loads the champion, which is compared on the same test rows.
Nothing is trained, registered or recorded. That the two cannot be compared is said, and is no failure: a
person then has to look before the model is promoted.
"""

import json
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
from ..registration.decision import VERDICTS
from ..registry.lookup import run_or_stand_in
from ..registry.predecessors import Predecessors
from ..registry.registry import Registry
from ..split.dataset import Dataset
from ..tracking import store
from ..tracking.links import run_url


def add_arguments(parser: ArgumentParser) -> None:
    """Take the form of the output."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: Namespace) -> None:
    """Run the command."""
    refuse_stale()
    found = verdict()
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        console.table(f"gate: {VERDICTS[found['passed']]}", shown(found["gates"]))
        print(found["page"] or f"MLflow run {found['run_id']} (not in this store)")
    if not found["passed"]:
        sys.exit(1)


def verdict() -> dict[str, Any]:
    """Put the evaluated model through the gates.

    Returns:
        Whether it `passed` (fails no gate), the `gates`, and its run: `run_id`, and `page`, empty if the
        store does not have it.
    """
    with store.opened() as client:
        params = load_checked_params()
        before = Predecessors.of(Registry(client, params.register_.name), params, file_md5(MODEL))
        evaluation, measured = gates_of_evaluation(params, Dataset(params), before.rival)
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
    """Check that the evaluation is that of the data, the parameters and the code of now.

    Raises:
        UserError: it is not; says what has changed since.
    """
    if changed := stale():
        some = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        raise UserError(f"{METRICS}: not that of what is here ({some}); run `dvc repro evaluate` first")


def shown(gates: list[dict[str, Any]]) -> list[dict[str, object]]:
    """Lay gates out as rows of a table."""
    return [
        {
            "gate": gate["name"],
            "wanted": gate["wanted"],
            "got": gate["got"],
            "verdict": VERDICTS[gate["passed"]],
        }
        for gate in gates
    ]
