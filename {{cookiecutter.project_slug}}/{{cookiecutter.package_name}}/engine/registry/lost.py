"""The runs of versions, those in the bin too, and how one is brought back."""

from typing import TYPE_CHECKING

from ..tracking.pages import all_pages

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion


def runs_of(client: "MlflowClient", versions: "list[ModelVersion]") -> "dict[str, Run]":
    """Return the runs of versions by their ids, deleted ones too, whatever experiment they are in."""
    from mlflow.entities import ViewType

    ids = sorted({str(version.run_id) for version in versions if version.run_id})
    found: list[Run] = []
    for start in range(0, len(ids), 100):
        listed = ", ".join(f"'{run_id}'" for run_id in ids[start : start + 100])
        found += all_pages(
            client.search_runs,
            experiment_ids=all_experiments(client),
            filter_string=f"attributes.run_id IN ({listed})",
            run_view_type=ViewType.ALL,
        )
    return {run.info.run_id: run for run in found}


def deleted_experiments(client: "MlflowClient") -> set[str]:
    """Return the ids of the store's experiments that are deleted, and can be brought back."""
    from mlflow.entities import ViewType

    found = all_pages(client.search_experiments, view_type=ViewType.DELETED_ONLY)
    return {str(experiment.experiment_id) for experiment in found}


def lost(version: "ModelVersion", run: "Run | None", deleted: set[str]) -> str:
    """Say that a version's run is deleted, and what to do; empty if it is there, or there never was one.

    Args:
        version: the version.
        run: from `runs_of`; None if it is not there.
        deleted: from `deleted_experiments`.
    """
    if not version.run_id:
        return ""
    if run is None:
        return f"its run {version.run_id} is deleted for good, and its lineage with it"
    if run.info.experiment_id in deleted:  # to bring it back does so with its runs, but for a store of files
        what, how = "its run's experiment", f"experiments restore --experiment-id {run.info.experiment_id}"
    elif run.info.lifecycle_stage != "active":
        what, how = "its run", f"runs restore --run-id {version.run_id}"
    else:
        return ""
    taken = "and `mlflow gc` would take its lineage and files for good"
    return f"{what} is deleted, {taken}; `mlflow {how}` brings it back"


def lost_run(client: "MlflowClient", version: "ModelVersion") -> str:
    """Say that one version's run is deleted; see `lost`."""
    return lost(version, runs_of(client, [version]).get(version.run_id), deleted_experiments(client))


def all_experiments(client: "MlflowClient") -> list[str]:
    """List the ids of the store's experiments, deleted ones too, since their runs can be brought back."""
    from mlflow.entities import ViewType

    return [e.experiment_id for e in all_pages(client.search_experiments, view_type=ViewType.ALL)]
