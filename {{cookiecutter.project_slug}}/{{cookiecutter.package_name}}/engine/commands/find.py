"""Name the MLflow run of a DVC experiment or of a commit, and the experiments and commits of a run.

reports/metrics.json carries the run's id, so that they find each other whatever an experiment was renamed to.
"""

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from ..base import console, git
from ..base.errors import UserError
from ..base.paths import METRICS
from ..lineage.experiments import all_experiments, run_id_at
from ..registry.lookup import run_or_stand_in, runs_beginning_with
from ..tracking import store
from ..tracking.links import run_url
from ..tracking.restored_runs import RESTORED

if TYPE_CHECKING:
    from mlflow import MlflowClient


def add_arguments(parser: ArgumentParser) -> None:
    """Take either side's name."""
    parser.add_argument("name", help="an experiment, a branch, a commit, or the first digits of a run's id")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        found = find(client, arguments.name)
        if arguments.json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
            return
        for match in found:
            shown = {name: ", ".join(v) if isinstance(v, list) else v for name, v in match.items()}
            console.summary("find", shown)


def find(client: "MlflowClient", name: str) -> list[dict[str, Any]]:
    """Find the runs that an experiment, a revision of git or the beginning of a run's id names.

    Raises:
        UserError: nothing is called that.
    """
    experiments = all_experiments()
    ids = {e.run_id for e in experiments if name == e.name or (len(name) >= 7 and e.commit.startswith(name))}
    ids = (ids | {run_id_at(name)}) - {""}
    named = [] if ids else runs_beginning_with(client, name)
    runs = named or [run for run_id in ids or {name} if (run := run_or_stand_in(client, run_id))]
    found = {run.data.tags.get(RESTORED, run.info.run_id): run.info for run in runs}
    matches = [
        {
            "run": found[run_id].run_id if run_id in found else run_id,
            "name": found[run_id].run_name if run_id in found else "not in this store",
            "status": found[run_id].status if run_id in found else "",
            "restored_from": run_id if run_id in found and found[run_id].run_id != run_id else "",
            "experiments": [f"{e.name} ({e.commit[:7]})" for e in experiments if e.run_id == run_id],
            "commits": _commits_with(run_id),
            "page": run_url(client.tracking_uri, found[run_id].experiment_id, found[run_id].run_id)
            if run_id in found
            else "",
        }
        for run_id in sorted({*found, *ids})
    ]
    if not matches:
        raise UserError(
            f"{name}: no experiment, commit or run is called that; `dvc exp show` lists experiments"
        )
    return matches


def _commits_with(run_id: str) -> list[str]:
    """List the commits of the branches that brought a run's metrics, the newest first."""
    # merges too, each once, whatever the user's attributes say of the file
    every = ("--branches", "--remotes", "-m", "--text", "--format=%h %s")
    said = git.text("log", *every, f"-S{run_id}", "--", METRICS.as_posix()) or ""
    return [line for line in dict.fromkeys(said.splitlines()) if run_id_at(line.split()[0]) == run_id]
