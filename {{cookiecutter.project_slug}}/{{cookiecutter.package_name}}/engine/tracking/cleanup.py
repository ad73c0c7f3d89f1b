"""Finding the runs and models that nothing needs any more.

A run that is needed keeps the runs that it refers to: those that its tags name (its parent, the run that it
was forked from or stands for), the children of a parent, and the validations of a model's data. In a store
that others use, too, the runs of other clones are kept: this clone cannot see whether they are needed. Those
of CI jobs are not kept for this reason: their clones are gone, and what is needed of them is in commits.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.paths import project_root
from ..lineage.run_ids import committed_run_ids, workspace_run_ids
from . import store
from .abandoned import SILENCE
from .clones import CLONE, clone_id
from .drift_run import DRIFT_OF
from .feedback_run import FEEDBACK_OF
from .models import MODEL_ID
from .pages import all_pages
from .searches import PARENT
from .who import JOB

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True)
class Unneeded:
    """What may be deleted.

    Attributes:
        runs: the runs of models, searches and data.
        logged_models: the logged models with their files, which MLflow stores apart from the runs.
        others: how many runs that are old enough were left alone because another clone made them.
    """

    runs: "list[Run]"
    logged_models: "list[LoggedModel]"
    others: int = 0

    @property
    def artifact_uris(self) -> list[str]:
        """The URIs of the files of all these runs and models."""
        of_runs = [run.info.artifact_uri for run in self.runs]
        return of_runs + [model.artifact_location for model in self.logged_models]


def find_unneeded(client: "MlflowClient", before: float, anyones: bool = False) -> Unneeded:
    """Find the runs that began before a time and that no version, experiment, commit or running run needs.

    Args:
        client: the store's client.
        before: in seconds since 1970.
        anyones: whether to include the runs of other clones, whose experiments and workspaces cannot be seen.

    Raises:
        UserError: git cannot tell which runs are committed.
    """
    names = (store.experiment_name(), store.data_experiment_name())
    experiments = [e.experiment_id for e in map(client.get_experiment_by_name, names) if e]
    if not experiments:
        return Unneeded([], [])
    runs = {run.info.run_id: run for run in all_pages(client.search_runs, experiment_ids=experiments)}
    models = all_pages(client.search_logged_models, experiment_ids=experiments)
    versions: list[ModelVersion] = all_pages(client.search_model_versions)
    registered = {version.source.removeprefix("models:/") for version in versions}

    needed = {version.run_id for version in versions} | committed_run_ids() | workspace_run_ids()
    needed |= {model.source_run_id for model in models if model.model_id in registered}
    for tag in (DRIFT_OF, FEEDBACK_OF):
        needed |= {run_id for run_id, run in runs.items() if run.data.tags.get(tag) in registered}
    needed |= {run_id for run_id, run in runs.items() if _is_active(run) or not _began_before(run, before)}
    others = set() if anyones or not store.is_shared() else _of_others(runs)
    needed = _with_references(needed & set(runs) | others, runs)
    needed_models = registered | {runs[run_id].data.tags.get(MODEL_ID) for run_id in needed}

    # whatever the records say, the files that a version loads are never deleted
    loaded = [client.get_model_version_download_uri(v.name, v.version) for v in versions]
    return Unneeded(
        [
            run
            for run_id, run in runs.items()
            if run_id not in needed and not _overlaps(run.info.artifact_uri, loaded)
        ],
        [
            model
            for model in models
            if model.model_id not in needed_models
            and model.source_run_id not in needed
            and model.creation_timestamp < before * 1000
            and not _overlaps(model.artifact_location, loaded)
        ],
        sum(_began_before(runs[run_id], before) for run_id in others),
    )


def _is_active(run: "Run") -> bool:
    """Tell whether a run may still be going on; a CI job that was killed leaves one that never ends."""
    given_up = JOB in run.data.tags and _began_before(run, time.time() - SILENCE)
    return run.info.status in ("RUNNING", "SCHEDULED") and not given_up


def _began_before(run: "Run", moment: float) -> bool:
    """Tell whether a run began before a time in seconds since 1970."""
    return bool(run.info.start_time < moment * 1000)


def _of_others(runs: "dict[str, Run]") -> set[str]:
    """Return the ids of the runs that another clone made, or may have made; a trial belongs to its search.

    The runs of CI jobs are not among them.
    """
    parents = {run_id: runs.get(run.data.tags.get(PARENT, ""), run) for run_id, run in runs.items()}
    ours = clone_id(project_root())
    return {
        run_id
        for run_id, run in parents.items()
        if run.data.tags.get(CLONE) != ours and JOB not in run.data.tags
    }


def _with_references(needed: set[str], runs: "dict[str, Run]") -> set[str]:
    """Add to the ids of runs those of all runs that they refer to, directly or indirectly."""
    while True:
        all_tags = [runs[run_id].data.tags for run_id in needed]
        values = {value for tags in all_tags for value in tags.values()}
        data = {tags.get("data.md5") for tags in all_tags if tags.get("dvc.stage") != "validate"}
        more = {
            run_id
            for run_id, run in runs.items()
            if run_id in values
            or run.data.tags.get(PARENT) in needed
            or (run.data.tags.get("dvc.stage") == "validate" and run.data.tags.get("data.md5") in data)
        }
        if more <= needed:
            return needed
        needed = needed | more


def _overlaps(uri: str, others: list[str]) -> bool:
    """Tell whether a folder is the same as another one, contains it or is inside it."""
    folder = f"{uri.rstrip('/')}/"
    other_folders = (f"{other.rstrip('/')}/" for other in others)
    return any(folder.startswith(other) or other.startswith(folder) for other in other_folders)
