"""Finding runs by what a person types: a run's id, its first digits, or a version of the model."""

from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..project import load_params
from ..tracking import store
from ..tracking.restored_runs import find_restored
from .lost import all_experiments, deleted_experiments, runs_of, why_lost
from .registry import Registry

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion


def find_run(client: "MlflowClient", name: str) -> "Run":
    """Return the run with this id or these first digits, or the run of a version: `3` or `@champion`.

    Raises:
        UserError: there is no such run, or more than one; lists those that exist.
    """
    versions = ""
    if name.startswith("@") or name.isdecimal():
        models = Registry(client, load_params().register_.name)
        if version := models.find(name):
            return _run_of(client, version)
        versions = f"; versions of {models.name!r}: {models.listed()}"
    runs = runs_beginning_with(client, name)
    if len(runs) == 1:
        return runs[0]
    if runs:
        raise UserError(
            f"{name}: the ids of {len(runs)} runs begin with this; give more digits: {_shown(runs)}"
        )
    latest = _shown(runs_beginning_with(client, "")) or "none yet, `dvc repro` makes one"
    raise UserError(f"{name}: no such run or version; the latest runs: {latest}{versions}")


def runs_beginning_with(client: "MlflowClient", prefix: str) -> "list[Run]":
    """Return the project's runs of models and of data whose ids begin with a prefix; the latest first.

    If the project's experiments have none, look in all experiments: the project may have been renamed.
    """
    if not prefix.isalnum() and prefix:
        return []
    experiments = [
        client.get_experiment_by_name(name)
        for name in (store.experiment_name(), store.data_experiment_name())
    ]
    own = [experiment.experiment_id for experiment in experiments if experiment]

    def search(experiments: list[str]) -> "list[Run]":
        return list(
            client.search_runs(
                experiments,
                filter_string=f"attributes.run_id LIKE '{prefix.lower()}%'",
                max_results=100,
                order_by=["attributes.start_time DESC"],
            )
        )

    return search(own) or (search(all_experiments(client)) if prefix else [])


def run_or_stand_in(client: "MlflowClient", run_id: str) -> "Run | None":
    """Return a run, or the one that was restored in its place if it is in another store; else None."""
    runs = runs_beginning_with(client, run_id)
    return runs[0] if runs else find_restored(client, run_id)


def _run_of(client: "MlflowClient", version: "ModelVersion") -> "Run":
    """Return the run that a version was registered from.

    Raises:
        UserError: it is deleted, or there never was one.
    """
    run = runs_of(client, [version]).get(version.run_id)
    if reason := why_lost(version, run, deleted_experiments(client)):
        raise UserError(f"version {version.version}: {reason}")
    if run is None:
        raise UserError(f"version {version.version}: was registered without a run that says how it was made")
    return run


def _shown(runs: "list[Run]") -> str:
    """List the first five runs for a message."""
    return ", ".join(f"{run.info.run_id[:8]} ({run.info.run_name})" for run in runs[:5])
