"""The runs of a search: one for the search, and a child of it for each trial."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, pstdev
from typing import TYPE_CHECKING, Any

from ..base.paths import PARAMS
from ..lineage import snapshot
from ..lineage.lineage import Lineage
from . import store
from .abandoned import FAILURE, process_tag
from .recording import active, create_run
from .records import Input, log_data
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient

SEARCH = "search"  # the tag of a search's run, with the study's name
TRIAL = "search.trial"  # the tag of a trial's run, with its number
PRUNED = "pruned"  # the tag of a trial that was not judged on all folds
PARENT = "mlflow.parentRunId"
MAX_LENGTH = 5000  # of a tag, and of a parameter


@dataclass(frozen=True)
class SearchRun:
    """The run of a search that is under way."""

    run: Run
    experiment: str
    name: str
    children: dict[int, str]  # of trials that have been logged: their runs

    def log_trial(
        self,
        number: int,
        values: Mapping[str, Any],
        metric: str,
        scores: list[float],
        failure: str = "",
        pruned: bool = False,
    ) -> None:
        """Log a trial in a run of its own, unless it is: three calls, whatever there is to say.

        Args:
            number: the trial's.
            values: what was searched, by the names of params.yaml.
            metric: what it was judged by.
            scores: one for each fold that was judged.
            failure: why it failed.
            pruned: whether it was ended before the last fold.
        """
        from mlflow.entities import Metric, Param

        if number in self.children:
            return
        now = int(time.time() * 1000)
        tags = {PARENT: self.run.id, TRIAL: str(number), "mlflow.runName": f"{self.name}-{number}"}
        if failure:
            tags[FAILURE] = failure[:MAX_LENGTH]
        if pruned:
            tags[PRUNED] = f"after {len(scores)} folds"
        run_id = self.run.client.create_run(self.experiment, now, {**process_tag(), **tags}).info.run_id
        metrics = [Metric(f"cv/{metric}_fold", score, now, fold) for fold, score in enumerate(scores, 1)]
        if not failure and not pruned:  # a mean over fewer folds would be compared with the others
            found = {metric: mean(scores), f"{metric}_std": pstdev(scores)}
            metrics += [Metric(f"cv/{name}", value, now, 0) for name, value in found.items()]
        params = [Param(name, str(value)) for name, value in values.items()]
        self.run.client.log_batch(run_id, metrics, params)
        self.run.client.set_terminated(run_id, "FAILED" if failure else "FINISHED")
        self.children[number] = run_id

    def adopt(self, number: int, experiment: str) -> None:
        """Make the runs of a DVC experiment, failed and forked ones too, children of the search."""
        same = f"tags.`dvc.experiment` = '{experiment}'"
        for run in self.run.client.search_runs([self.experiment], filter_string=same):
            self.run.client.set_tag(run.info.run_id, PARENT, self.run.id)
            self.run.client.set_tag(run.info.run_id, TRIAL, str(number))

    def log_result(self, metrics: Mapping[str, float], values: Mapping[str, Any], reports: Path) -> None:
        """Log what the search has found, and the folder with its plots."""
        from mlflow.entities import Metric, RunTag

        now = int(time.time() * 1000)
        self.run.client.log_batch(
            self.run.id,
            [Metric(name, value, now, 0) for name, value in metrics.items()],
            tags=[RunTag(f"best.{name}", str(value)) for name, value in values.items()],
        )
        self.run.client.log_artifacts(self.run.id, str(reports))


@contextmanager
def search_run(study: str, goes_on: bool, settings: Mapping[str, Any], data: Path) -> Iterator[SearchRun]:
    """Record a search in a run: a new one, or that of the search that goes on.

    Args:
        study: its name.
        goes_on: whether something has been tried in it before.
        settings: of the search, logged as parameters.
        data: what is searched on.
    """
    from mlflow.entities import Param

    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    name = f"{store.experiment_name()}-{study}"
    last = _last(client, experiment, study) if goes_on else None
    children = {}
    if last is None:
        tags = {SEARCH: study, "mlflow.runName": name, "dvc.stage": "tune", "mlflow.source.name": "tune"}
        run = create_run(client, experiment, Lineage.of("train"), tags)
        client.log_batch(run.id, params=[Param(k, str(v)[:MAX_LENGTH]) for k, v in settings.items()])
    else:
        run = Run(client, last)
        of_it = f"tags.`{PARENT}` = '{last}'"
        for trial in client.search_runs([experiment], filter_string=of_it, max_results=50_000):
            if trial.info.status == "KILLED" and "dvc.experiment" not in trial.data.tags:
                client.delete_run(trial.info.run_id)  # half logged when the search was killed; logged anew
            else:
                children[int(trial.data.tags[TRIAL])] = trial.info.run_id
    with active(run):
        run.log_file(PARAMS.name, snapshot.params_file())
        log_data(run, Input(data, "search"))
        yield SearchRun(run, experiment, name, children)


def _last(client: "MlflowClient", experiment: str, study: str) -> str | None:
    """Return the last run of a study; None if this store has none."""
    same = client.search_runs(
        [experiment],
        filter_string=f"tags.`{SEARCH}` = '{study}'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    return str(same[0].info.run_id) if same else None
