"""The search: choose a trial's values, have it evaluated, record its result; several trials at a time."""

import signal
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from ..base.errors import UserError, kind_and_line
from .cross_validation import Outcome
from .study import Study
from .trial import Trial


@dataclass(frozen=True)
class Workers:
    """Where trials are evaluated.

    Attributes:
        submit: starts a trial, with the limits of `Study.limits`.
        count: returns how many trials to run at a time, at least 1; called again and again, since the workers
            of a cluster come and go.
    """

    submit: "Callable[[Trial, list[float]], Future[Outcome]]"
    count: Callable[[], int]


def search(
    study: Study, workers: Workers, trials: int, timeout: float | None, on_finished: Callable[[Trial], None]
) -> None:
    """Run trials until the study has enough of them, or the time is up.

    Results are saved and logged while the next trials run.

    Args:
        study: chooses the values, and keeps the trials.
        workers: evaluate the trials.
        trials: how many the study is to have, including those of earlier searches.
        timeout: seconds after which no trial is started; None: no limit.
        on_finished: called with each trial that has a result.

    Raises:
        UserError: the workers are gone.
        KeyboardInterrupt: Ctrl-C, raised only when nothing is half saved.
    """
    end = float("inf") if timeout is None else time.monotonic() + timeout
    unfinished = study.unfinished()
    count = len(study.finished())
    running: dict[Future[Outcome], Trial] = {}
    finished: list[Trial] = []
    with _ctrl_c() as interrupted, warnings.catch_warnings():
        filters = list(warnings.filters)
        while True:
            warnings.filters = filters[:]  # a model may have turned warnings into errors, for all threads
            started, most = [], 0 if interrupted.is_set() else workers.count()
            while count < trials and time.monotonic() < end and len(running) < most:
                trial, count = unfinished.pop(0) if unfinished else study.ask(), count + 1
                running[workers.submit(trial, study.limits())] = trial
                started.append(trial)
            for trial in [*started, *finished]:
                study.save(trial)
            for trial in finished:
                on_finished(trial)
            if interrupted.is_set():
                raise KeyboardInterrupt
            if not running:
                return
            # the timeout is for Ctrl-C, and for workers that join
            ended, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            finished = [study.tell(running.pop(future), _outcome(future)) for future in ended]


@contextmanager
def _ctrl_c() -> Iterator[Event]:
    """Set an event at Ctrl-C instead of raising KeyboardInterrupt; a second Ctrl-C raises it."""
    interrupted = Event()

    def note(*_: Any) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _outcome(future: "Future[Outcome]") -> Outcome:
    """Return a trial's result; if an error ended it, that error is its failure.

    Raises:
        UserError: the workers are gone.
    """
    try:
        return future.result()
    except UserError:
        raise
    except CancelledError:
        raise UserError("the cluster's scheduler is gone; run the same command again to continue") from None
    except BaseException as error:  # also sys.exit, which was raised in the trial's own thread
        return [], kind_and_line(error)
