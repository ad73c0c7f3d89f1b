"""The run that a person means: by its id, the first digits of that, or a version of its model."""

from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..project import load_params
from ..tracking import store
from ..tracking.restored_runs import find_restored
from .lost import all_experiments, deleted_experiments, lost, runs_of
from .registry import Registry

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion


def find_run(client: "MlflowClient", name: str) -> "Run":
    """Return the run that a person means by its id, the first digits of that, `3` or `@champion`.

    Raises:
        UserError: there is none, or more than one; says what there is.
    """
    versions = ""
    if name.startswith("@") or name.isdecimal():
        models = Registry(client, load_params().register_.name)
        if version := models.called(name):
            return _run_of(client, version)
        versions = f"; versions of {models.name!r}: {models.listed()}"
    runs = runs_beginning_with(client, name)
    if len(runs) == 1:
        return runs[0]
    if runs:
        raise UserError(f"{name}: {len(runs)} runs begin so; give more digits: {_shown(runs)}")
    latest = _shown(runs_beginning_with(client, "")) or "none yet, `dvc repro` makes one"
    raise UserError(f"{name}: no such run or version; the latest runs: {latest}{versions}")


def runs_beginning_with(client: "MlflowClient", run_id: str) -> "list[Run]":
    """Return the project's runs, of models and of data, whose id begins so; the latest first.

    Those of other experiments if it has none: the project may have had another name.
    """
    if not run_id.isalnum() and run_id:
        return []
    named = [
        client.get_experiment_by_name(name)
        for name in (store.experiment_name(), store.data_experiment_name())
    ]
    ours = [experiment.experiment_id for experiment in named if experiment]

    def found(experiments: list[str]) -> "list[Run]":
        return list(
            client.search_runs(
                experiments,
                filter_string=f"attributes.run_id LIKE '{run_id.lower()}%'",
                max_results=100,
                order_by=["attributes.start_time DESC"],
            )
        )

    return found(ours) or (found(all_experiments(client)) if run_id else [])


def run_or_stand_in(client: "MlflowClient", run_id: str) -> "Run | None":
    """Return a run, or that which stands for it if it is another store's; None if there is neither."""
    runs = runs_beginning_with(client, run_id)
    return runs[0] if runs else find_restored(client, run_id)


def _run_of(client: "MlflowClient", version: "ModelVersion") -> "Run":
    """Return the run that a version was registered from.

    Raises:
        UserError: it is deleted, or there never was one.
    """
    run = runs_of(client, [version]).get(version.run_id)
    if reason := lost(version, run, deleted_experiments(client)):
        raise UserError(f"version {version.version}: {reason}")
    if run is None:
        raise UserError(f"version {version.version}: was registered without a run that says how it was made")
    return run


def _shown(runs: "list[Run]") -> str:
    """List the first runs for a message."""
    return ", ".join(f"{run.info.run_id[:8]} ({run.info.run_name})" for run in runs[:5])
