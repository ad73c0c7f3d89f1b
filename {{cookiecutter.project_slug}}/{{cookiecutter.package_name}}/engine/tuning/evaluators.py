"""The two ways to evaluate the trials of a search: by cross-validation, or by runs of the whole pipeline."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..base.errors import UserError
from ..base.paths import VALIDATED
from ..fitting.classes import find_class
from ..params import Params
from ..tracking.searches import SearchRun
from . import identity, queue
from .cross_validation import CrossValidation
from .declared_space import load_space
from .search import Workers
from .space import IN_PROCESS, Space
from .study import Study
from .threads import threads
from .trial import Trial


@dataclass(frozen=True)
class Evaluator(ABC):
    """How trials are evaluated.

    Attributes:
        space: what is searched.
        study: the name of the study.
        folds: how many scores a complete trial has.
        data: the table that trials are evaluated on.
        logged: the name of the best trial's metric in MLflow.
        jobs: how many trials at a time; None: one, or on a cluster as many as it has threads.
    """

    space: Space
    study: str
    folds: int
    data: Path
    logged: str
    jobs: int | None

    @abstractmethod
    def workers(self, study: Study) -> AbstractContextManager[Workers]:
        """Start the workers that evaluate trials; they end with the block."""

    @abstractmethod
    def log(self, run: SearchRun, study: Study, trial: Trial) -> None:
        """Log a trial that has ended."""


@dataclass(frozen=True)
class ByCrossValidation(Evaluator):
    """On the training rows alone: in this process, or on the workers of a Dask cluster."""

    params: Params
    scheduler: str | None

    @classmethod
    def of(
        cls, content: dict[str, Any], params: Params, jobs: int | None, scheduler: str | None
    ) -> "ByCrossValidation":
        """Read the space, which may have parameters of a model on prepared rows only.

        Args:
            content: the content of params.yaml.
            params: the same, typed.
            jobs: how many trials at a time.
            scheduler: the address of a cluster's; None: trials run in this process.

        Raises:
            UserError: params.yaml has a mistake; a cluster is asked for and its library is not installed.
        """
        if scheduler and find_spec("distributed") is None:
            raise UserError(
                "--scheduler: distributed is not installed; requirements-dev.txt has it, and "
                "`uv pip install -c requirements-dev.txt distributed` adds nothing else"
            )
        space, metric = load_space(content, params, IN_PROCESS), params.search_metric
        study = identity.of_cross_validation(content, params)
        return cls(space, study, params.tune.folds, VALIDATED, f"cv/{metric}", jobs, params, scheduler)

    @contextmanager
    def workers(self, study: Study) -> Iterator[Workers]:
        """Start threads, or connect to the cluster."""
        folds = CrossValidation.prepare(self.space.content, self.params)
        if not self.scheduler:
            yield threads(lambda trial, limits: folds.evaluate(trial.values, limits), self.jobs or 1)
            return
        from .cluster import cluster_workers

        classes = [find_class(name, self.params.data.task) for name in self.space.types()]
        with cluster_workers(self.scheduler, folds, classes, self.jobs) as workers:
            yield workers

    def log(self, run: SearchRun, study: Study, trial: Trial) -> None:
        """Log the trial in a run of its own."""
        metric = self.params.search_metric
        run.log_trial(trial.number, trial.values_by_name, metric, trial.scores, trial.failure, trial.pruned)


@dataclass(frozen=True)
class ByPipeline(Evaluator):
    """On the test rows: by runs of the whole pipeline, as experiments in DVC's queue."""

    @classmethod
    def of(cls, content: dict[str, Any], params: Params, jobs: int | None) -> "ByPipeline":
        """Read the space, which may have any parameter that DVC can set.

        Args:
            content: the content of params.yaml.
            params: the same, typed.
            jobs: how many trials at a time.

        Raises:
            UserError: params.yaml has a mistake.
        """
        space = load_space(content, params, None)
        queue.check_reachable(space)
        metric = params.search_metric
        return cls(space, identity.of_pipeline(content), 1, params.data.path, metric, jobs)

    def workers(self, study: Study) -> AbstractContextManager[Workers]:
        """Start DVC's workers."""
        return queue.queue_workers(study, self.logged, self.jobs or 1)

    def log(self, run: SearchRun, study: Study, trial: Trial) -> None:
        """Make the runs of the trial's experiment children of the search's run."""
        run.adopt(trial.number, queue.experiment_name(study, trial))
