"""The run that `mlflow run` opens around the program that it starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .links import run_url
from .local_store import SQLITE, path_in

if TYPE_CHECKING:
    from mlflow.entities import Run

LAUNCHED = "launched"  # the tag with the id of the run whose model was made or used
LAUNCHER = "launcher"  # the tag of a run that has no model, and only started something
RUN_ID, EXPERIMENT, STORE = "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_TRACKING_URI"
SOURCE, NOTE = "mlflow.source.name", "mlflow.note.content"


@dataclass(frozen=True)
class Launcher:
    """The run, and its store, which need not be the project's own.

    Attributes:
        run_id: the run's id.
        uri: its store's URI.
        chosen: whether a person chose that store; otherwise MLflow took one in the folder where it was
            started.
    """

    run_id: str
    uri: str
    chosen: bool

    def source(self) -> str:
        """Return what `mlflow run` was given: a folder, or the URL of a repository."""
        from mlflow import MlflowClient

        return str(MlflowClient(self.uri).get_run(self.run_id).data.tags.get(SOURCE, ""))

    def link(self, run: "Run | None", store: str) -> None:
        """Tag the run as a launcher, with the model's run.

        Args:
            run: the model's run; None if there is none, or it is not in the project's store.
            store: the URI of the project's store.
        """
        from mlflow import MlflowClient

        client = MlflowClient(self.uri)
        client.set_tag(self.run_id, LAUNCHER, "mlflow run")
        if run is None:
            return
        name, url = run.info.run_name, run_url(store, run.info.experiment_id, run.info.run_id)
        client.set_tag(self.run_id, LAUNCHED, run.info.run_id)
        client.set_tag(self.run_id, NOTE, f"Only started the work. The model's run: [{name}](<{url}>)")


def taken(environment: "os._Environ[str] | dict[str, str]" = os.environ) -> Launcher | None:
    """Return the launcher, and remove it from the environment: what is started logs its own runs.

    A store that nobody chose is removed, too, so that the project's own store is used.
    """
    run_id = environment.pop(RUN_ID, "")
    environment.pop(EXPERIMENT, None)
    if not run_id:
        return None
    uri = environment.get(STORE, "")
    folder, inherited = started_by(run_id)
    chosen = STORE in inherited or not _is_mlflows_choice(uri, folder)
    if not chosen:
        del environment[STORE]
    return Launcher(run_id, uri, chosen)


def started_by(run_id: str) -> tuple[Path, Mapping[str, str]]:
    """Return the folder and the environment of the `mlflow run` that opened a run and started this process.

    The shell between them has changed the folder in the environment to the project's.
    """
    import psutil

    for process in psutil.Process().parents():
        try:
            if (environment := process.environ()).get(RUN_ID) != run_id:
                return Path(process.cwd()), environment
        except psutil.Error:  # the process is another user's, or has ended
            break
    return Path.cwd(), {}


def _is_mlflows_choice(uri: str, folder: Path) -> bool:
    """Tell whether a store is the one that MLflow takes if none is set: a file in its folder."""
    return uri.startswith(SQLITE) and path_in(uri).resolve() == (folder / "mlflow.db").resolve()
