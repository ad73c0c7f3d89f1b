"""Trials on a Dask cluster: its workers need the libraries, and get code and data from here.

Both come in a plugin, which the scheduler keeps: once for each worker, one that joins later included, so that
nothing is lost with a worker.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import cloudpickle
from distributed import Client, Security, WorkerPlugin, get_worker, rpc

from ..base.errors import UserError
from . import code
from .cross_validation import CrossValidation, Outcome
from .search import Workers
from .study import Trial

if TYPE_CHECKING:
    from distributed import Worker

SECONDS = 3  # in which a cluster answers
PATIENCE = 60  # seconds that it may be without a worker
RETRIES = 3  # of a trial whose worker fails
LIBRARIES = ("scikit-learn", "numpy", "pandas", "pydantic", "ruamel-yaml", "joblib")

for _name in ("distributed", "distributed.client"):  # what goes wrong is said in a line
    logging.getLogger(_name).setLevel(logging.CRITICAL)
# what follows goes to workers that do not have this package
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class CodeAndData(WorkerPlugin):  # type: ignore[misc]
    """Puts the package and the training rows on a worker."""

    def __init__(self, package: str, code: bytes, material: dict[str, Any], versions: dict[str, str]) -> None:
        """Take what is to be sent.

        Args:
            package: the name that the code has there.
            code: a zip file.
            material: the fields of `CrossValidation`.
            versions: of the libraries here.
        """
        self.package, self.code, self.material, self.versions = package, code, material, versions

    def setup(self, worker: "Worker") -> None:
        """Unpack it.

        Raises:
            RuntimeError: a library is missing or has another version, with which scores would be others.
        """
        for name, ours in self.versions.items():
            try:
                theirs = version(name)
            except PackageNotFoundError:
                theirs = "none"
            if theirs != ours:
                raise RuntimeError(f"{name} is {theirs} on the worker {worker.address}, {ours} here")
        path = Path(worker.local_directory) / f"{self.package}.zip"
        path.write_bytes(self.code)
        sys.path.append(str(path))
        module = import_module(f"{self.package}.engine.tuning.cross_validation")
        self.cross_validation = module.CrossValidation(**self.material)


@contextmanager
def connected(address: str, cross_validation: CrossValidation, at_most: int | None) -> Iterator[Workers]:
    """Judge on the workers of a cluster, as many trials at a time as they have threads.

    Args:
        address: of the scheduler, e.g. `tcp://10.0.0.1:8786`.
        cross_validation: what they judge by.
        at_most: how many trials at a time; None: no limit.

    Raises:
        UserError: the cluster does not answer, has no workers, or these have other libraries.
    """
    try:
        asyncio.run(_answers(address))
        client = Client(address, timeout=SECONDS, set_as_default=False)
    except Exception as error:  # what answers may be no scheduler, and then reading it fails in any way
        raise UserError(f"{address}: no scheduler answers ({_line(error)}); is it up?") from None
    with client:
        package, packed = code.packed(cross_validation.content)
        versions = {name: version(name) for name in LIBRARIES}
        name = f"{package}-{uuid4().hex[:8]}"  # of this search, beside others of the same code
        try:
            client.wait_for_workers(1, timeout=SECONDS)
            client.register_plugin(CodeAndData(package, packed, vars(cross_validation), versions), name=name)
        except TimeoutError:
            raise UserError(f"{address}: has no workers; start some with `dask worker {address}`") from None
        except Exception as error:  # whatever another version of anything makes of it
            raise UserError(
                f"{address}: {_line(error)}; workers need Python {sys.version_info.major}."
                f"{sys.version_info.minor}, this project's requirements.txt and distributed"
            ) from None
        executor = client.get_executor(retries=RETRIES, pure=False)

        def judge(*trial: Any) -> Any:  # a function in a function goes to the workers whole, not by its name
            return get_worker().plugins[name].cross_validation.judge(*trial)

        def submit(trial: Trial, bars: list[float]) -> "Future[Outcome]":
            if client.status != "running":
                raise UserError(f"{address}: the scheduler is gone; run the same command again to go on")
            future: Future[Outcome] = executor.submit(judge, trial.values, bars)
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


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:300] or type(error).__name__
