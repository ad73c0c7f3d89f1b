"""A client of the Dask cluster that the environment names, or of a worker in this process."""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from dask import config
from distributed import Client, LocalCluster, Security, rpc

from ..base.errors import UserError, first_line

ADDRESS = "DASK_SCHEDULER_ADDRESS"  # Dask's own environment variable
SECONDS = 3  # within which a cluster has to answer

for _name in ("distributed", "distributed.client"):  # errors are reported by this module, in a line
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@contextmanager
def cluster_client() -> Iterator[Client]:
    """Connect to the cluster that Dask's configuration names; without one, use the cores of this machine.

    Raises:
        UserError: no scheduler answers there, or it has no workers.
    """
    address = config.get("scheduler-address", None)
    if address is None:
        threads = os.cpu_count() or 1
        own = LocalCluster(n_workers=1, threads_per_worker=threads, processes=False, dashboard_address=None)
        with own, Client(own, set_as_default=False) as client:
            yield client
        return
    with connected(address) as client:
        try:
            client.wait_for_workers(1, timeout=SECONDS)
        except TimeoutError:
            raise UserError(f"{address}: has no workers; start some with `dask worker {address}`") from None
        yield client


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler.

    Raises:
        UserError: no scheduler answers there.
    """
    try:
        asyncio.run(_check_scheduler(address))
        client = Client(address, timeout=SECONDS, set_as_default=False)
    except Exception as error:  # if something else listens there, reading its answer can fail in any way
        raise UserError(f"{address}: no scheduler answers ({first_line(error)}); is it up?") from None
    with client:
        yield client


async def _check_scheduler(address: str) -> None:
    """Ask a scheduler for its identity: without an answer, `Client` would give up only 10 s later.

    Raises:
        Exception: no scheduler answers in time.
    """
    security = Security().get_connection_args("client")
    async with rpc(address, timeout=SECONDS, connection_args=security) as scheduler:
        await asyncio.wait_for(scheduler.identity(), SECONDS)
