"""The runs that versions were registered from: which ones are deleted, and how to restore them."""

from collections.abc import Container
from typing import TYPE_CHECKING

from ..tracking.pages import all_pages

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

ACTIVE = "active"  # in MLflow's words: not deleted


def runs_of(client: "MlflowClient", versions: "list[ModelVersion]") -> "dict[str, Run]":
    """Return the runs of versions by their ids, in any experiment, deleted ones included."""
    from mlflow.entities import ViewType

    ids = sorted({str(version.run_id) for version in versions if version.run_id})
    runs: list[Run] = []
    for start in range(0, len(ids), 100):
        quoted = ", ".join(f"'{run_id}'" for run_id in ids[start : start + 100])
        runs += all_pages(
            client.search_runs,
            experiment_ids=all_experiments(client),
            filter_string=f"attributes.run_id IN ({quoted})",
            run_view_type=ViewType.ALL,
        )
    return {run.info.run_id: run for run in runs}


def deleted_experiments(client: "MlflowClient") -> set[str]:
    """Return the ids of the store's experiments that are deleted, and can be restored."""
    from mlflow.entities import ViewType

    experiments = all_pages(client.search_experiments, view_type=ViewType.DELETED_ONLY)
    return {str(experiment.experiment_id) for experiment in experiments}


def why_lost(version: "ModelVersion", run: "Run | None", deleted: set[str]) -> str:
    """Say whether a version's run is deleted, and what to do about it.

    Args:
        version: the version.
        run: from `runs_of`; None if the store no longer has it.
        deleted: from `deleted_experiments`.

    Returns:
        A clause that follows "version 3: "; empty if the run exists, or there never was one.
    """
    place = (run.info.experiment_id, run.info.lifecycle_stage) if run else None
    return why_run_is_lost(version.run_id, place, deleted)


def why_run_is_lost(run_id: str | None, place: tuple[str, str] | None, deleted: Container[str]) -> str:
    """Say the same about a run.

    Args:
        run_id: the run's id; None if the version never had one.
        place: its experiment's id, and its own stage in MLflow's words; None if the store no longer has it.
        deleted: the ids of the experiments that are deleted.
    """
    if not run_id:
        return ""
    if place is None:
        return f"its run {run_id} is deleted for good, and its lineage with it"
    experiment, stage = place
    if experiment in deleted:  # restoring it restores its runs, except in a store of files
        what, how = "its run's experiment", f"experiments restore --experiment-id {experiment}"
    elif stage != ACTIVE:
        what, how = "its run", f"runs restore --run-id {run_id}"
    else:
        return ""
    danger = "and `mlflow gc` would delete its lineage and files for good"
    return f"{what} is deleted, {danger}; `mlflow {how}` restores it"


def lost_run(client: "MlflowClient", version: "ModelVersion") -> str:
    """Say whether one version's run is deleted; see `why_lost`."""
    return why_lost(version, runs_of(client, [version]).get(version.run_id), deleted_experiments(client))


def all_experiments(client: "MlflowClient") -> list[str]:
    """List the ids of all experiments, including deleted ones, since their runs can be restored."""
    from mlflow.entities import ViewType

    return [e.experiment_id for e in all_pages(client.search_experiments, view_type=ViewType.ALL)]
