"""Trials on a Dask cluster: its workers have the libraries, and get code and data from here."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from distributed import Client, get_worker

from ..base.errors import UserError, first_line
from ..fitting.dask_client import SECONDS, connected
from .cross_validation import CrossValidation, Outcome
from .plugin import code_and_data
from .search import Workers
from .trial import Trial

PATIENCE = 60  # seconds that a cluster may be without workers during a search
RETRIES = 3  # of a trial whose worker is lost


@contextmanager
def cluster_workers(
    address: str, cross_validation: CrossValidation, classes: list[type], at_most: int | None
) -> Iterator[Workers]:
    """Evaluate trials on the workers of a cluster, at most as many at a time as they have threads.

    Args:
        address: the scheduler's address, e.g. `tcp://10.0.0.1:8786`.
        cross_validation: evaluates trials.
        classes: the classes of the models that trials may have.
        at_most: how many trials at a time; None: no limit.

    Raises:
        UserError: the cluster does not answer, has no workers, or these have other libraries.
    """
    with connected(address) as client:
        plugin = code_and_data(cross_validation, classes)
        name = f"{plugin.package}-{uuid4().hex[:8]}"  # unique: other searches may run the same code
        _register(client, address, plugin, name)
        executor = client.get_executor(retries=RETRIES, pure=False)

        def evaluate(*trial: Any) -> Any:  # a nested function is sent to the workers whole, not by its name
            return get_worker().plugins[name].cross_validation.evaluate(*trial)

        def submit(trial: Trial, limits: list[float]) -> "Future[Outcome]":
            if client.status != "running":
                raise UserError(f"{address}: the scheduler is gone; run the same command again to continue")
            future: Future[Outcome] = executor.submit(evaluate, trial.values, limits)
            return future

        def count() -> int:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise UserError(
                    f"{address}: all workers are gone; run the same command again to continue"
                ) from None
            return min(sum(client.nthreads().values()) or 1, at_most or sys.maxsize)

        try:
            yield Workers(submit, count)
        finally:
            if client.status == "running":
                client.unregister_worker_plugin(name)


def _register(client: Client, address: str, plugin: Any, name: str) -> None:
    """Send a plugin to the workers.

    Raises:
        UserError: there are no workers, or these have other libraries.
    """
    try:
        client.wait_for_workers(1, timeout=SECONDS)
        client.register_plugin(plugin, name=name)
    except TimeoutError:
        raise UserError(f"{address}: has no workers; start some with `dask worker {address}`") from None
    except Exception as error:  # other versions of Python or of a library can fail in any way
        with suppress(ValueError, OSError):  # a worker that joins later does not need it either
            client.unregister_worker_plugin(name)
        raise UserError(
            f"{address}: {first_line(error)}; workers need Python {sys.version_info.major}."
            f"{sys.version_info.minor}, this project's requirements.txt, distributed and what the model "
            "imports"
        ) from None
