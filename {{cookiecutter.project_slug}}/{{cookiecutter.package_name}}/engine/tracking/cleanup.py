"""Runs and models that nothing needs any more.

Whatever is needed keeps what it refers to: a run those that its tags name (its parent, the run that it was
forked from, or stands for), a parent its children, a model run the validations of its data. In a store that
others share only what this very clone made can be known to be needed by nobody.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import git
from ..base.errors import UserError
from ..base.paths import METRICS, RUN, project_root
from . import store
from .clones import CLONE, clone
from .forgetting import forget
from .models import MODEL_ID
from .pages import all_pages
from .searches import PARENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion

RUN_ID = re.compile(r'"run_id": "(\w+)"')


@dataclass(frozen=True)
class Unneeded:
    """What may be deleted; a run's models are in `logged_models`, apart from it, as MLflow has them.

    Attributes:
        runs: of models and of data.
        logged_models: their models.
        others: how many runs of other clones were left alone, whatever they are.
    """

    runs: "list[Run]"
    logged_models: "list[LoggedModel]"
    others: int = 0

    @property
    def places(self) -> list[str]:
        """The URIs of the files."""
        return [r.info.artifact_uri for r in self.runs] + [m.artifact_location for m in self.logged_models]


def unneeded(client: "MlflowClient", before: float, anyones: bool = False) -> Unneeded:
    """Find the runs that began before a time and that no version, experiment, commit or running run needs.

    Args:
        client: of the store.
        before: in seconds since 1970.
        anyones: also those of other clones, whose experiments and workspaces cannot be seen from here.

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

    kept = {version.run_id for version in versions} | committed_run_ids() | workspace_run_ids()
    kept |= {model.source_run_id for model in models if model.model_id in registered}
    kept |= {
        run_id
        for run_id, run in runs.items()
        if run.info.status in ("RUNNING", "SCHEDULED") or run.info.start_time >= before * 1000
    }
    others = set() if anyones or not store.is_shared() else _of_others(runs)
    kept = _with_what_they_need(kept & set(runs) | others, runs)
    their_models = registered | {runs[run_id].data.tags.get(MODEL_ID) for run_id in kept}

    # whatever the records say: files that a version loads are out of reach
    protected = [client.get_model_version_download_uri(v.name, v.version) for v in versions]
    return Unneeded(
        [
            run
            for run_id, run in runs.items()
            if run_id not in kept and not _overlaps(run.info.artifact_uri, protected)
        ],
        [
            model
            for model in models
            if model.model_id not in their_models
            and model.source_run_id not in kept
            and model.creation_timestamp < before * 1000
            and not _overlaps(model.artifact_location, protected)
        ],
        sum(runs[run_id].info.start_time < before * 1000 for run_id in others),
    )


def delete(client: "MlflowClient", what: Unneeded) -> None:
    """Delete runs and models: those of a sqlite store for good and with their files, else their records.

    Files first: whoever interrupts it finds the rest the next time.
    """
    database = store.local_database(client.tracking_uri)
    if database is None:
        for run in what.runs:
            client.delete_run(run.info.run_id)
        for model in what.logged_models:
            client.delete_logged_model(model.model_id)
        return
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    for place in what.places:
        get_artifact_repository(place).delete_artifacts()
        folder = local_folder(place)
        if folder and folder.parent.is_dir() and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    forget(database, [r.info.run_id for r in what.runs], [m.model_id for m in what.logged_models])


def size(places: list[str]) -> int:
    """Count the bytes of the files in local folders; those elsewhere are not counted."""
    folders = (local_folder(place) for place in places)
    files = (file for folder in folders if folder for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files)


def local_folder(uri: str) -> Path | None:
    """Return the folder that a URI names; None if it is not on this machine."""
    from mlflow.utils.file_utils import local_file_uri_to_path

    return Path(local_file_uri_to_path(uri)) if uri.startswith("file:") else None


def committed_run_ids() -> set[str]:
    """Return the runs whose metrics git has: on branches, tags, experiments, stashes, and where these were.

    DVC keeps what is queued and what has failed as git does stashes, in reflogs. As text, whatever
    .gitattributes say, in whatever folder of the repository the project was.

    Raises:
        UserError: there is no git, or the clone is shallow.
    """
    everywhere = ("--all", "--reflog", "-m", "-p", "--text", "--no-ext-diff", "--no-textconv", "--format=")
    paths = (METRICS.as_posix(), f":(top,glob)**/{METRICS.as_posix()}")
    try:
        history = git.ask("-c", "log.showRoot=true", "log", *everywhere, "--", *paths)
    except git.GitError as error:
        raise UserError(f"git does not show every commit: {error}") from None
    if git.text("rev-parse", "--is-shallow-repository") != "false":
        raise UserError("git does not show every commit; run it in a whole clone: `git fetch --unshallow`")
    return set(RUN_ID.findall(git.decoded(history)))


def workspace_run_ids() -> set[str]:
    """Return the runs of the results in the workspaces: this one, other worktrees', and what is staged."""
    listed = git.text("worktree", "list", "--porcelain", cwd=project_root()) or ""
    inside = git.text("rev-parse", "--show-prefix", cwd=project_root()) or ""
    trees = [Path(line[9:]) / inside for line in listed.splitlines() if line.startswith("worktree ")]
    files = [root / path for root in (project_root(), *trees) for path in (METRICS, RUN)]
    texts = [file.read_text("utf-8") for file in files if file.exists()]
    texts.append(git.text("show", f":./{METRICS.as_posix()}", cwd=project_root()) or "")
    return {run for text in texts for run in RUN_ID.findall(text)}


def _of_others(runs: "dict[str, Run]") -> set[str]:
    """Return the runs that another clone made, or may have made; a search's trials are the search's."""
    parents = {run_id: runs.get(run.data.tags.get(PARENT, ""), run) for run_id, run in runs.items()}
    ours = clone(project_root())
    return {run_id for run_id, run in parents.items() if run.data.tags.get(CLONE) != ours}


def _with_what_they_need(needed: set[str], runs: "dict[str, Run]") -> set[str]:
    """Add to runs, by their ids, what they refer to, and so on."""
    while True:
        tags = [runs[run_id].data.tags for run_id in needed]
        named = {value for of_run in tags for value in of_run.values()}
        data = {of_run.get("data.md5") for of_run in tags if of_run.get("dvc.stage") != "validate"}
        more = {
            run_id
            for run_id, run in runs.items()
            if run_id in named
            or run.data.tags.get(PARENT) in needed
            or (run.data.tags.get("dvc.stage") == "validate" and run.data.tags.get("data.md5") in data)
        }
        if more <= needed:
            return needed
        needed = needed | more


def _overlaps(place: str, others: list[str]) -> bool:
    """Tell whether a folder is, holds or is inside of one of others."""
    folder = f"{place.rstrip('/')}/"
    theirs = (f"{other.rstrip('/')}/" for other in others)
    return any(folder.startswith(other) or other.startswith(folder) for other in theirs)
