"""Trials as DVC experiments: each is a run of the whole pipeline, in a folder of its own."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from ..base.errors import UserError
from ..base.paths import project_root
from ..blocks.checking import params_error
from ..lineage.experiments import metrics_at
from . import dvc_queue
from .cross_validation import Outcome
from .dvc_encoding import not_ascii
from .search import Workers
from .space import Key, Space
from .study import Study
from .threads import threads
from .trial import Trial

POLL_GIT, POLL_DVC = 1, 30  # seconds between looks; asking DVC takes a second or two


@contextmanager
def queue_workers(study: Study, metric: str, jobs: int) -> Iterator[Workers]:
    """Evaluate trials in DVC's queue of experiments; no worker of the queue is left running after the block.

    Args:
        study: its name begins the experiments' names.
        metric: the metric in reports/metrics.json that is a trial's score.
        jobs: how many experiments at a time.

    Raises:
        UserError: the queue has other experiments, which its workers would run; or DVC cannot run any here.
    """
    if problem := not_ascii(project_root()):
        raise UserError(problem)
    logged = dvc_queue.log_sizes()
    before = dvc_queue.tasks()  # may have experiments of this study, from a search that was killed
    _refuse_others(before, study)
    one_at_a_time = Lock()  # DVC locks the repository, and another command that waits for it gives up
    running: set[str] | None = set()  # None once the search has ended

    def evaluate(trial: Trial, limits: list[float]) -> Outcome:
        name = experiment_name(study, trial)
        with one_at_a_time:
            if running is None:
                return [], "the search has ended"
            running.add(name)
            if name not in dvc_queue.finished_commits():
                if name not in before:
                    dvc_queue.run(
                        "exp", "run", "--quiet", "--queue", "--name", name, *overrides(trial.values)
                    )
                dvc_queue.run("queue", "start", "--jobs", str(jobs))
        outcome = _wait(name, metric, one_at_a_time, jobs, logged)
        if running is not None:
            running.discard(name)
        return outcome

    try:
        yield threads(evaluate, jobs)
    except BaseException:
        with one_at_a_time:
            left, running = running or set(), None
            print("ending the experiments that run in DVC's queue", flush=True)
            dvc_queue.cancel(left)
        raise
    dvc_queue.run("queue", "stop")


def _refuse_others(tasks: Mapping[str, str], study: Study) -> None:
    """Check that all experiments that wait or run in the queue belong to a study.

    Raises:
        UserError: one does not, and the queue's workers would run it.
    """
    waiting = dvc_queue.with_status(tasks, "Queued", "Running")
    if others := {name for name in waiting if not name.startswith(f"{study.name}-")}:
        raise UserError(
            f"DVC's queue has experiments of yours: {', '.join(sorted(others))}; let them end "
            "(`dvc queue start`) or remove them (`dvc queue remove --queued`, `dvc queue stop --kill`) first"
        )


def experiment_name(study: Study, trial: Trial) -> str:
    """Return the name of a trial's DVC experiment."""
    return f"{study.name}-{trial.number}"


def check_reachable(space: Space) -> None:
    """Check that DVC can set every parameter that is searched.

    Raises:
        UserError: a key contains a dot, which DVC reads as nesting.
    """
    for dimension in space.dimensions:
        if any("." in part for part in dimension.path):
            why = "`dvc exp run -S` reads the dot in a name as nesting, so --queue cannot set it"
            raise params_error(("tune", "space", *dimension.path), why)


def overrides(values: Mapping[Key, Any]) -> list[str]:
    """Return the arguments of `dvc exp run` that set values, in the grammar of Hydra (https://hydra.cc)."""
    return [
        argument
        for path, value in values.items()
        for argument in ("--set-param", f"++{'.'.join(path)}={json.dumps(value)}")
    ]


def _wait(name: str, metric: str, one_at_a_time: Lock, jobs: int, logged: Mapping[Path, int]) -> Outcome:
    """Wait until an experiment ends.

    Args:
        name: the experiment's.
        metric: the one to return.
        one_at_a_time: held while a command of DVC runs.
        jobs: how many experiments at a time.
        logged: from `dvc_queue.log_sizes`, before the experiment was started.

    Returns:
        Its metric as the only score, or why there is none.
    """
    asked = time.monotonic()
    while True:
        if commit := dvc_queue.finished_commits().get(name):
            metrics = metrics_at(commit)
            return ([metrics[metric]], "") if metric in metrics else ([], f"{metric} could not be measured")
        if dvc_queue.has_failed(name):
            return [], dvc_queue.reason(name, logged)
        time.sleep(POLL_GIT)
        if time.monotonic() < asked + POLL_DVC:
            continue
        with one_at_a_time:
            status, asked = dvc_queue.tasks().get(name), time.monotonic()
            if status == "Queued":
                dvc_queue.run("queue", "start", "--jobs", str(jobs))
            elif (
                not (status == "Running" and dvc_queue.has_workers())
                and name not in dvc_queue.finished_commits()
            ):
                why = "" if status == "Failed" else "removed from DVC's queue, or its worker was killed: "
                return [], why + dvc_queue.reason(name, logged)
