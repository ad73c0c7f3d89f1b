"""Show where the project stands: pipeline, data, last run, versions, experiments, and the next command.

Nothing is run, fetched or changed.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from ..base import console
from ..base.errors import UserError
from ..base.text import masked
from ..overview.next_step import next_step
from ..overview.trials import Trial, not_applied
from ..overview.workspace import Workspace, look
from ..params import Params
from ..project import load_params
from ..registry import local_versions
from ..registry.names import CHALLENGER, CHAMPION
from ..tracking import address, store
from ..tracking.local_store import local_database
from .options import add_json, print_json

MOST = 3  # experiments that are listed by name


def add_arguments(parser: ArgumentParser) -> None:
    """Add the form of the output."""
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    params = load_params()
    metric = params.evaluate.primary_metric
    here = look()
    by_alias, problem = with_aliases(params)
    trials = not_applied(metric)
    step = next_step(here, by_alias, trials, metric)
    if arguments.json:
        print_json(
            {
                **{name: value for name, value in asdict(here).items() if name != "results"},
                "data": here.version,
                "last_run": {"run_id": here.results.run_id, metric: here.results.metrics.get(metric)},
                **by_alias,
                "store": problem,
                "experiments": [asdict(trial) for trial in trials],
                "next": step,
            }
        )
        return
    rows = {
        "branch": here.branch + (f", {here.edited} files not committed" if here.edited else ""),
        **pipeline(here),
        "data": data(here),
        "last run": last_run(here, metric, params.model.type),
        **{alias: version_line(by_alias.get(alias), metric) for alias in (CHAMPION, CHALLENGER)},
        "experiments": experiments(trials, metric),
        "next": step,
    }
    console.summary(f"{store.experiment_name()}: status", rows | ({"store": problem} if problem else {}))


def with_aliases(params: Params) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the versions with an alias as `versions` has them, by alias, and why they are unknown, if so."""
    database = local_database(address.tracking_uri())
    if database is not None and not database.is_file():
        return {}, ""  # opening the store would create it
    name, metric = params.register_.name, params.evaluate.primary_metric
    experiments = (store.experiment_name(), store.data_experiment_name())
    try:
        listed = local_versions.read(database, experiments, name, metric) if database else None
        if listed is None:
            listed = ask_for_versions(name, metric)
    except UserError as error:
        return {}, masked(str(error))
    return {alias: row for row in listed for alias in row["aliases"].replace("@", "").split()}, ""


def ask_for_versions(name: str, metric: str) -> list[dict[str, Any]]:
    """Ask the store for the versions of the registered model; none if there is no such model.

    Raises:
        UserError: the store cannot be used.
    """
    from ..registry.listed import versions
    from ..registry.registry import Registry  # which imports NumPy

    with store.opened() as client:
        if not client.search_registered_models(f"name = '{name}'", max_results=1):
            return []
        return versions(Registry(client, name), metric)


def pipeline(here: Workspace) -> dict[str, str]:
    """Say what is out of date and why, a line for each stage."""
    if not here.stale:
        return {"pipeline": "up to date"}
    lines = {f"  {stage}": ", ".join(reasons) for stage, reasons in here.stale.items()}
    return {"pipeline": "out of date", **lines}


def data(here: Workspace) -> str:
    """Say which data this is, and whether others can get it."""
    version = here.version
    pushed = {None: "not known whether it is pushed: the remote does not answer", "": "pushed"}
    state = pushed.get(here.not_pushed, f"not pushed: {here.not_pushed}")
    return f"{version['path']} {version['md5'][:7] or '(not tracked by DVC)'}, {state}"


def last_run(here: Workspace, metric: str, model_type: str) -> str:
    """Name the run whose results are in the workspace, with its primary metric."""
    results = here.results
    if not results.run_id:
        return "none yet"
    value = results.metrics.get(metric)
    measured = "" if value is None else f"{metric} {value:.4g}, "
    named = "" if here.stale else f"{model_type}, "  # the current params.yaml belongs to the next run
    return f"{measured}{named}run {results.run_id[:8]}"


def version_line(version: dict[str, Any] | None, metric: str) -> str:
    """Describe a version with an alias in a line."""
    if version is None:
        return "none"
    value = version[metric]
    measured = "" if value is None else f"{metric} {value:.4g}, "
    return f"{measured}version {version['version']}, {version['when'][:16]} by {version['who']}"


def experiments(trials: list[Trial], metric: str) -> str:
    """Count the experiments that nobody has applied, and name the best."""
    if not trials:
        return "none that is not applied"
    named = [
        trial.name + ("" if trial.value is None else f" ({metric} {trial.value:.4g})")
        for trial in trials[:MOST]
    ]
    return f"{len(trials)} not applied: {', '.join(named)}" + (" ..." if len(trials) > MOST else "")
