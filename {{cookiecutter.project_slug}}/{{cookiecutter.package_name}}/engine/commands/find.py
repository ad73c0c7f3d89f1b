"""Name the MLflow run of a DVC experiment or of a commit, and the experiments and commits of a run.

They are matched by the run's id in reports/evaluation.json, so an experiment may be renamed.
"""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from ..base import console, git
from ..base.errors import UserError
from ..lineage.experiments import Experiment, all_experiments, run_id_at
from ..lineage.run_ids import NAMING
from ..registry.lookup import run_or_stand_in, runs_beginning_with
from ..tracking import store
from ..tracking.links import print_url, run_url
from ..tracking.restored_runs import RESTORED
from .options import add_json, print_json

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import RunInfo


def add_arguments(parser: ArgumentParser) -> None:
    """Add the name to look for, and the form of the output."""
    parser.add_argument("name", help="an experiment, a branch, a commit, or the first digits of a run's id")
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        matches = find(client, arguments.name)
        if arguments.json:
            print_json(matches)
            return
        for match in matches:
            console.summary("find", lines({**match, "page": ""}))
            if match["page"]:
                print_url(match["page"])


def lines(match: dict[str, Any]) -> dict[str, str]:
    """Return what `find` knows about a run for a person to read, without what does not apply."""
    texts = {name: ", ".join(v) if isinstance(v, list) else str(v) for name, v in match.items()}
    return {name.replace("_", " "): text for name, text in texts.items() if text}


def find(client: "MlflowClient", name: str) -> list[dict[str, Any]]:
    """Find the runs that a name stands for: an experiment, a revision of git or the beginning of a run's id.

    Raises:
        UserError: there is no experiment, commit or run of this name.
    """
    experiments = all_experiments()
    ids = {e.run_id for e in experiments if name == e.name or (len(name) >= 7 and e.commit.startswith(name))}
    ids = (ids | {run_id_at(name)}) - {""}
    by_prefix = [] if ids else runs_beginning_with(client, name)
    runs = by_prefix or [run for run_id in ids or {name} if (run := run_or_stand_in(client, run_id))]
    in_store = {run.data.tags.get(RESTORED, run.info.run_id): run.info for run in runs}
    matches = [
        _described(client, run_id, in_store.get(run_id), experiments) for run_id in sorted({*in_store, *ids})
    ]
    if not matches:
        raise UserError(f"{name}: no such experiment, commit or run; `dvc exp show` lists experiments")
    return matches


def _described(
    client: "MlflowClient", run_id: str, info: "RunInfo | None", experiments: list[Experiment]
) -> dict[str, Any]:
    """Describe a run.

    Args:
        client: the store's client.
        run_id: the run's id in git.
        info: the run in the store, or the one that was restored in its place; None if the store has neither.
        experiments: all experiments.
    """
    described = {"run": run_id, "name": "not in this store", "status": "", "restored_from": "", "page": ""}
    if info:
        described = {
            "run": info.run_id,
            "name": info.run_name,
            "status": info.status,
            "restored_from": run_id if info.run_id != run_id else "",
            "page": run_url(client.tracking_uri, info.experiment_id, info.run_id),
        }
    return {
        **described,
        "experiments": [f"{e.name} ({e.commit[:7]})" for e in experiments if e.run_id == run_id],
        "commits": _commits_with(run_id),
    }


def _commits_with(run_id: str) -> list[str]:
    """List the commits of the branches that added a run's metrics, the newest first."""
    # merges too, each once, whatever the user's .gitattributes say about the file
    options = ("--branches", "--remotes", "-m", "--text", "--format=%h %s")
    log = git.text("log", *options, f"-S{run_id}", "--", *(path.as_posix() for path in NAMING)) or ""
    return [line for line in dict.fromkeys(log.splitlines()) if run_id_at(line.split()[0]) == run_id]
