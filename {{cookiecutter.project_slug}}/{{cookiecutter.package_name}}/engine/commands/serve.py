"""Answer requests with the predictions of the version that the registry names.

An alias is watched: after `promote` or `rollback` the new version is loaded beside the old one, is tried with
its own example, and takes over; no request is lost. If it cannot be loaded, the old one goes on. Each version
runs its own code. POST /predict takes rows as JSON or CSV; GET /model says which version answers. The log's
lines are JSON, and never contain a value of a row. After SIGTERM or Ctrl-C, requests may finish.
"""

import ipaddress
import os
import tempfile
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.interrupts import resumed
from ..base.paths import PACKAGE
from ..base.ports import check_free
from ..serving.kept import check_private
from ..serving.served import Served
from ..serving.settings import CLIENTS, token
from .serve_options import add_arguments, settings_of

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["add_arguments", "main"]  # what `dispatch` asks a command for

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# seconds for which a worker may be silent, as while it imports its libraries: then uvicorn kills it
SILENT = 60


def main(arguments: Namespace) -> None:
    """Run the command."""
    check_address(arguments.host, arguments.open)
    check_free(arguments.host, arguments.port)
    for name in THREADS:  # one thread predicts a row faster; several requests share the cores
        os.environ.setdefault(name, "1")
    from ..serving.app import create
    from ..serving.counts import FOLDER
    from ..serving.live import Live

    served = Served.here()
    settings = settings_of(arguments, served)
    live = Live(settings, served.data, served.inside, served.limits)
    # loaded here, so that a problem with the store or the model is reported in one line
    if arguments.wait:
        live.start_at_last()
    else:
        live.start()
    if settings.requests and live.version:
        check_private(settings.private, [*live.version.expected.roles, *served.columns])
    if arguments.workers == 1:
        serve(create(live), arguments)
        return
    live.stop()
    del live  # each worker has its own
    settings.share()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        serve(
            f"{PACKAGE}.engine.serving.worker:of_worker", arguments, factory=True, workers=arguments.workers
        )


def serve(app: "Starlette | str", arguments: Namespace, **how: Any) -> None:
    """Run the server until it is told to stop.

    Args:
        app: the application, or the import path of the function that makes it.
        arguments: the command's arguments.
        how: further options for uvicorn.
    """
    import uvicorn

    from ..serving import log

    with suppress(KeyboardInterrupt):
        uvicorn.run(
            app,
            host=arguments.host,
            port=arguments.port,
            log_config=log.settings(),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=arguments.grace,
            timeout_worker_healthcheck=SILENT,
            **how,
        )
    resumed()  # the requests that were being answered have been


def check_address(host: str, is_open: bool) -> None:
    """Check that requests from other machines need a token.

    Raises:
        UserError: they would not need one.
    """
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    if not (is_local or token() or is_open):
        raise UserError(
            f"{host}: other machines may ask only with a token: set {CLIENTS}, or give --open if something "
            "else protects the server"
        )
