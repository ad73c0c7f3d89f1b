"""Trials in threads of this process."""

import atexit
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from threading import enumerate as enumerate_threads

from .cross_validation import Outcome
from .search import Workers
from .trial import Trial

FITTING = "trial"  # the name of a thread that evaluates a trial


def threads(evaluate: Callable[[Trial, list[float]], Outcome], count: int) -> Workers:
    """Evaluate trials in threads of this process, which Ctrl-C ends with it.

    Several threads share the processor's cores: otherwise each fit would use all of them.

    Args:
        evaluate: evaluates a trial, with the limits of `Study.limits`.
        count: how many trials at a time.
    """
    from joblib import cpu_count
    from threadpoolctl import ThreadpoolController

    controller = ThreadpoolController()
    cores = max(1, cpu_count() // count) if count > 1 and "OMP_NUM_THREADS" not in os.environ else None

    def submit(trial: Trial, limits: list[float]) -> "Future[Outcome]":
        future: Future[Outcome] = Future()

        def run() -> None:
            if cores:
                controller.limit(limits=cores)  # never undone: OpenMP's limit is that of this thread only
            try:
                future.set_result(evaluate(trial, limits))
            except BaseException as error:
                future.set_exception(error)

        Thread(target=run, name=FITTING, daemon=True).start()
        return future

    atexit.register(_exit_during_fit)
    return Workers(submit, lambda: count)


def _exit_during_fit() -> None:
    """End the process at once if a fit is running, as after Ctrl-C: Python's own shutdown may crash then."""
    if any(thread.name == FITTING for thread in enumerate_threads()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)
