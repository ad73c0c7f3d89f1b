"""The search: ask for a trial, have it judged somewhere, tell how it went; several at a time."""

import atexit
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from typing import Any

from ..base.errors import UserError, kind_and_line
from .cross_validation import Outcome
from .study import Study, Trial

FITTING = "trial"  # what a thread is called that fits one


@dataclass(frozen=True)
class Workers:
    """Where trials are judged.

    Attributes:
        submit: starts a trial, with the limits of `Study.limits`.
        count: how many at a time, at least 1; asked again and again, since workers come and go.
    """

    submit: "Callable[[Trial, list[float]], Future[Outcome]]"
    count: Callable[[], int]


def search(
    study: Study, workers: Workers, trials: int, timeout: float | None, told: Callable[[Trial], None]
) -> None:
    """Run trials until there are enough, of all that the study has had, or the time is up.

    What can wait is done while the next trials are under way.

    Args:
        study: that chooses the values, and keeps what has been tried.
        workers: that judge them.
        trials: how many, those of earlier searches in this study included.
        timeout: seconds after which none is started; None: no limit.
        told: called with each trial that has a result.

    Raises:
        UserError: the workers are gone.
        KeyboardInterrupt: Ctrl-C, at a moment at which nothing is half written.
    """
    end = float("inf") if timeout is None else time.monotonic() + timeout
    again = study.unfinished()
    count = len(study.finished()) + len(again)
    running: dict[Future[Outcome], Trial] = {}
    done: list[Trial] = []
    with _ctrl_c() as interrupted, warnings.catch_warnings():
        filters = list(warnings.filters)
        while True:
            warnings.filters = filters[:]  # a model may have made warnings errors, for all threads
            started, most = [], 0 if interrupted.is_set() else workers.count()
            while (again or count < trials) and time.monotonic() < end and len(running) < most:
                if again:
                    trial = again.pop(0)
                else:
                    trial, count = study.ask(), count + 1
                running[workers.submit(trial, study.limits())] = trial
                started.append(trial)
            for trial in [*started, *done]:
                study.keep(trial)
            for trial in done:
                told(trial)
            if interrupted.is_set():
                raise KeyboardInterrupt
            if not running:
                return
            ended, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)  # for Ctrl-C, and new workers
            done = [study.tell(running.pop(future), _outcome(future)) for future in ended]


@contextmanager
def _ctrl_c() -> Iterator[Event]:
    """Note Ctrl-C rather than break off whatever is done; a second one does not wait."""
    noted = Event()

    def note(*_: Any) -> None:
        noted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def threads(judge: Callable[[Trial, list[float]], Outcome], count: int) -> Workers:
    """Judge in threads of this process, which Ctrl-C ends with it.

    Beside each other they have the processor's cores between them, as each fit would otherwise take all.
    """
    from joblib import cpu_count
    from threadpoolctl import ThreadpoolController

    controller = ThreadpoolController()
    cores = max(1, cpu_count() // count) if count > 1 and "OMP_NUM_THREADS" not in os.environ else None

    def submit(trial: Trial, limits: list[float]) -> "Future[Outcome]":
        future: Future[Outcome] = Future()

        def run() -> None:
            if cores:
                controller.limit(limits=cores)  # for good: OpenMP's limit is that of this very thread
            try:
                future.set_result(judge(trial, limits))
            except BaseException as error:
                future.set_exception(error)

        Thread(target=run, name=FITTING, daemon=True).start()
        return future

    atexit.register(_leave)
    return Workers(submit, lambda: count)


def _leave() -> None:
    """End the process here if a fit is under way, as after Ctrl-C: ending Python first may crash in it."""
    if any(thread.name == FITTING for thread in enumerate_threads()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def _outcome(future: "Future[Outcome]") -> Outcome:
    """Return a trial's result; whatever ended it otherwise is its failure."""
    try:
        return future.result()
    except UserError:
        raise
    except CancelledError:
        raise UserError("the cluster's scheduler is gone; run the same command again to go on") from None
    except BaseException as error:  # sys.exit among them: it was raised in a thread of the trial's own
        return [], kind_and_line(error)
