"""The runs of a search: one for the search, and a child run for each trial."""

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
from .datasets import Input, log_data
from .recording import active, create_run
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient

SEARCH = "search"  # the tag of a search's run, with the study's name
TRIAL = "search.trial"  # the tag of a trial's run, with its number
PRUNED = "pruned"  # the tag of a trial that was not scored on all folds
PARENT = "mlflow.parentRunId"
MAX_LENGTH = 5000  # characters of a tag's or a parameter's value


@dataclass(frozen=True)
class SearchRun:
    """The run of a search.

    Attributes:
        run: the run of the search itself.
        experiment: the id of its experiment.
        name: the run's name, with which the names of the trials' runs begin.
        children: the ids of the runs of the trials that were logged, by the trial's number.
    """

    run: Run
    experiment: str
    name: str
    children: dict[int, str]

    def log_trial(
        self,
        number: int,
        values: Mapping[str, Any],
        metric: str,
        scores: list[float],
        failure: str = "",
        pruned: bool = False,
    ) -> None:
        """Log a trial in a run of its own, with three calls to the store; do nothing if it was logged before.

        Args:
            number: the trial's number.
            values: the searched parameters, by their names in params.yaml.
            metric: the name of the metric that is optimized.
            scores: the metric on each fold that was scored.
            failure: why the trial failed; empty if it did not.
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
        if not failure and not pruned:  # a mean over fewer folds could not be compared with the others
            over_folds = {metric: mean(scores), f"{metric}_std": pstdev(scores)}
            metrics += [Metric(f"cv/{name}", value, now, 0) for name, value in over_folds.items()]
        params = [Param(name, str(value)) for name, value in values.items()]
        self.run.client.log_batch(run_id, metrics, params)
        self.run.client.set_terminated(run_id, "FAILED" if failure else "FINISHED")
        self.children[number] = run_id

    def adopt(self, number: int, experiment: str) -> None:
        """Make the runs of a DVC experiment children of the search, including failed and forked ones."""
        of_experiment = f"tags.`dvc.experiment` = '{experiment}'"
        for run in self.run.client.search_runs([self.experiment], filter_string=of_experiment):
            self.run.client.set_tag(run.info.run_id, PARENT, self.run.id)
            self.run.client.set_tag(run.info.run_id, TRIAL, str(number))

    def log_result(self, metrics: Mapping[str, float], values: Mapping[str, Any], reports: Path) -> None:
        """Log the metrics and the parameters of the best trial, and the folder with the search's plots."""
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
    """Record a search in a new run, or in the last run of the same study if the search is continued.

    Args:
        study: the name of the search's study.
        goes_on: whether the study has trials already.
        settings: the search's settings, logged as parameters.
        data: the file of the validated table.
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
    else:
        run = Run(client, last)
        children_of_last = f"tags.`{PARENT}` = '{last}'"
        for trial in client.search_runs([experiment], filter_string=children_of_last, max_results=50_000):
            if trial.info.status == "KILLED" and "dvc.experiment" not in trial.data.tags:
                # incomplete, as the search was killed; it is logged again
                client.delete_run(trial.info.run_id)
            else:
                children[int(trial.data.tags[TRIAL])] = trial.info.run_id
    with active(run):
        if last is None:
            client.log_batch(run.id, params=[Param(k, str(v)[:MAX_LENGTH]) for k, v in settings.items()])
        run.log_file(PARAMS.name, snapshot.params_file())
        log_data(run, Input(data, "search"))
        yield SearchRun(run, experiment, name, children)


def _last(client: "MlflowClient", experiment: str, study: str) -> str | None:
    """Return the id of the newest run of a study; None if this store has none."""
    runs = client.search_runs(
        [experiment],
        filter_string=f"tags.`{SEARCH}` = '{study}'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    return str(runs[0].info.run_id) if runs else None
