"""The run that a person means: by its id, the first digits of that, or a version of its model."""

from typing import TYPE_CHECKING

from ..errors import UserError
from ..params import load_params
from . import store
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
    """Return the project's runs, of models and of data, whose id begins so; the latest first."""
    if not run_id.isalnum() and run_id:
        return []
    named = [client.get_experiment_by_name(name) for name in (store.EXPERIMENT, store.DATA_EXPERIMENT)]
    return list(
        client.search_runs(
            [experiment.experiment_id for experiment in named if experiment],
            filter_string=f"attributes.run_id LIKE '{run_id.lower()}%'",
            max_results=100,
            order_by=["attributes.start_time DESC"],
        )
    )


def _run_of(client: "MlflowClient", version: "ModelVersion") -> "Run":
    """Return the run that a version was registered from.

    Raises:
        UserError: it is deleted.
    """
    runs = runs_beginning_with(client, version.run_id)
    if not runs:
        raise UserError(
            f"version {version.version}: its run is deleted; "
            f"`mlflow runs restore --run-id {version.run_id}` may bring it back"
        )
    return runs[0]


def _shown(runs: "list[Run]") -> str:
    """List the first runs for a message."""
    return ", ".join(f"{run.info.run_id[:8]} ({run.info.run_name})" for run in runs[:5])
