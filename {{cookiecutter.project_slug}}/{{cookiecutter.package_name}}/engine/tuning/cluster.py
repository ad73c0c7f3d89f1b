"""Trials on a Dask cluster: its workers need the libraries, and get code and data from here."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from distributed import Client, Security, get_worker, rpc

from ..base.errors import UserError, first_line
from .cross_validation import CrossValidation, Outcome
from .plugin import code_and_data
from .search import Workers
from .study import Trial

SECONDS = 3  # in which a cluster answers
PATIENCE = 60  # seconds that it may be without a worker
RETRIES = 3  # of a trial whose worker fails

for _name in ("distributed", "distributed.client"):  # what goes wrong is said in a line
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@contextmanager
def connected(
    address: str, cross_validation: CrossValidation, classes: list[type], at_most: int | None
) -> Iterator[Workers]:
    """Judge on the workers of a cluster, as many trials at a time as they have threads.

    Args:
        address: of the scheduler, e.g. `tcp://10.0.0.1:8786`.
        cross_validation: what they judge by.
        classes: of the models that trials may have.
        at_most: how many trials at a time; None: no limit.

    Raises:
        UserError: the cluster does not answer, has no workers, or these have other libraries.
    """
    try:
        asyncio.run(_answers(address))
        client = Client(address, timeout=SECONDS, set_as_default=False)
    except Exception as error:  # what answers may be no scheduler, and then reading it fails in any way
        raise UserError(f"{address}: no scheduler answers ({first_line(error)}); is it up?") from None
    with client:
        plugin = code_and_data(cross_validation, classes)
        name = f"{plugin.package}-{uuid4().hex[:8]}"  # of this search, beside others of the same code
        try:
            client.wait_for_workers(1, timeout=SECONDS)
            client.register_plugin(plugin, name=name)
        except TimeoutError:
            raise UserError(f"{address}: has no workers; start some with `dask worker {address}`") from None
        except Exception as error:  # whatever another version of anything makes of it
            with suppress(ValueError, OSError):  # a worker that joins later need not have it, either
                client.unregister_worker_plugin(name)
            raise UserError(
                f"{address}: {first_line(error)}; workers need Python {sys.version_info.major}."
                f"{sys.version_info.minor}, this project's requirements.txt, distributed and what the model "
                "imports"
            ) from None
        executor = client.get_executor(retries=RETRIES, pure=False)

        def judge(*trial: Any) -> Any:  # a function in a function goes to the workers whole, not by its name
            return get_worker().plugins[name].cross_validation.judge(*trial)

        def submit(trial: Trial, limits: list[float]) -> "Future[Outcome]":
            if client.status != "running":
                raise UserError(f"{address}: the scheduler is gone; run the same command again to go on")
            future: Future[Outcome] = executor.submit(judge, trial.values, limits)
            return future

        def count() -> int:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise UserError(
                    f"{address}: all workers are gone; run the same command again to go on"
                ) from None
            return min(sum(client.nthreads().values()) or 1, at_most or sys.maxsize)

        try:
            yield Workers(submit, count)
        finally:
            if client.status == "running":
                client.unregister_worker_plugin(name)


async def _answers(address: str) -> None:
    """Ask a scheduler who it is; a client that gets no answer takes 10 s more to give up.

    Raises:
        Exception: it does not answer in time, or is none.
    """
    security = Security().get_connection_args("client")
    async with rpc(address, timeout=SECONDS, connection_args=security) as scheduler:
        await asyncio.wait_for(scheduler.identity(), SECONDS)
