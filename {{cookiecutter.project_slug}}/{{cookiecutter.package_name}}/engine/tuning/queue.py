"""Trials as DVC experiments: each a run of the whole pipeline on what was queued, in a folder of its own."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from ..base.blocks import params_error
from ..base.errors import UserError
from ..base.paths import project_root
from ..lineage.experiments import metrics_at
from . import dvc
from .cross_validation import Outcome
from .search import Workers, threads
from .space import Key, Space
from .study import Study, Trial

GLANCE, LOOK = 1, 30  # seconds between looking into git, and between asking DVC, which takes a second or two


@contextmanager
def started(study: Study, metric: str, jobs: int) -> Iterator[Workers]:
    """Judge by DVC's queue of experiments, and leave no worker of it behind.

    Args:
        study: names the experiments.
        metric: of reports/metrics.json.
        jobs: how many experiments at a time.

    Raises:
        UserError: the queue holds experiments of somebody else, which its workers would run; or DVC cannot
            run any here.
    """
    if problem := dvc.not_ascii(project_root()):
        raise UserError(problem)
    logged = dvc.logs()
    before = dvc.tasks()  # some may be this study's, of a search that was killed
    waiting = dvc.named(before, "Queued", "Running")
    if others := {name for name in waiting if not name.startswith(f"{study.name}-")}:
        raise UserError(
            f"DVC's queue has experiments of yours: {', '.join(sorted(others))}; let them end "
            "(`dvc queue start`) or remove them (`dvc queue remove --queued`, `dvc queue stop --kill`) first"
        )
    one_at_a_time = Lock()  # DVC locks the repository, and gives up waiting for the lock
    running: set[str] | None = set()

    def judge(trial: Trial, limits: list[float]) -> Outcome:
        name = experiment_name(study, trial)
        with one_at_a_time:
            if running is None:
                return [], "the search has ended"
            running.add(name)
            if name not in dvc.finished():
                if name not in before:
                    dvc.run("exp", "run", "--quiet", "--queue", "--name", name, *overrides(trial.values))
                dvc.run("queue", "start", "--jobs", str(jobs))
        outcome = _wait(name, metric, one_at_a_time, jobs, logged)
        if running is not None:
            running.discard(name)
        return outcome

    try:
        yield threads(judge, jobs)
    except BaseException:
        with one_at_a_time:
            left, running = running or set(), None
            print("ending what runs in DVC's queue", flush=True)
            dvc.withdraw(left)
        raise
    dvc.run("queue", "stop")


def experiment_name(study: Study, trial: Trial) -> str:
    """Return the name of a trial's DVC experiment."""
    return f"{study.name}-{trial.number}"


def check_reachable(space: Space) -> None:
    """Check that DVC can set what is searched.

    Raises:
        UserError: a key has a dot, which DVC takes for a level.
    """
    for dimension in space.dimensions:
        if any("." in part for part in dimension.path):
            why = "`dvc exp run -S` takes the dot in a name for a level, so --queue cannot set it"
            raise params_error(("tune", "space", *dimension.path), why)


def overrides(values: Mapping[Key, Any]) -> list[str]:
    """Return the arguments that set values, in the grammar of Hydra (https://hydra.cc)."""
    return [
        argument
        for path, value in values.items()
        for argument in ("--set-param", f"++{'.'.join(path)}={json.dumps(value)}")
    ]


def _wait(name: str, metric: str, one_at_a_time: Lock, jobs: int, logged: Mapping[Path, int]) -> Outcome:
    """Wait for an experiment to end, and return its metric."""
    asked = time.monotonic()
    while True:
        if commit := dvc.finished().get(name):
            found = metrics_at(commit)
            return ([found[metric]], "") if metric in found else ([], f"{metric} could not be measured")
        if dvc.has_failed(name):
            return [], dvc.reason(name, logged)
        time.sleep(GLANCE)
        if time.monotonic() < asked + LOOK:
            continue
        with one_at_a_time:
            status, asked = dvc.tasks().get(name), time.monotonic()
            if status == "Queued":
                dvc.run("queue", "start", "--jobs", str(jobs))
            elif not (status == "Running" and dvc.has_workers()) and name not in dvc.finished():
                why = "" if status == "Failed" else "removed from DVC's queue, or its worker was killed: "
                return [], why + dvc.reason(name, logged)
