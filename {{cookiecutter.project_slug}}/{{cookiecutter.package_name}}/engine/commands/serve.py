"""Answer requests with the predictions of the version that the registry names.

An alias is watched: after `promote` or `rollback` the new version is loaded beside the old one, is tried with
its own example, and takes over; no request is lost. If it cannot be loaded, the old one goes on. Each version
runs its own code. POST /predict takes rows as JSON or CSV; GET /model says which version answers. The log's
lines are JSON, and never contain a value of a row. After SIGTERM or Ctrl-C, requests may finish.
"""

import ipaddress
import os
import tempfile
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.interrupts import resumed
from ..base.paths import PACKAGE
from ..base.ports import check_free
from ..registry.registry import CHAMPION
from ..serving.kept import check_private, prepare
from ..serving.served import INSIDE, Served
from ..serving.settings import CLIENTS, Settings, token
from .options import port, seconds, whole

if TYPE_CHECKING:
    from starlette.applications import Starlette

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# seconds for which a worker may be silent, as while it imports its libraries: then uvicorn kills it
SILENT = 60
PORT = "SERVE_PORT"  # the variable that the health check of an image reads, too


def add_arguments(parser: ArgumentParser) -> None:
    """Add the model, the address and the limits."""
    parser.add_argument(
        "--model",
        help=f"3, or an alias, which is watched (default: @{CHAMPION}; in an image with a model: {INSIDE})",
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument(
        "--port", type=port, default=os.environ.get(PORT, "8000"), help=f"default: {PORT}, or else 8000"
    )
    parser.add_argument(
        "--workers", type=whole(1), default=1, help="processes, each with the model (default: 1)"
    )
    parser.add_argument("--poll", type=seconds, default=5.0, help="seconds between checks of the alias (5)")
    parser.add_argument(
        "--wait", action="store_true", help="wait until there is a version: for an alias such as @canary"
    )
    parser.add_argument(
        "--grace", type=whole(0), default=30, help="seconds that requests have to finish after SIGTERM (30)"
    )
    parser.add_argument(
        "--body-seconds",
        type=seconds,
        default=30.0,
        help="seconds within which a body has to arrive (default: 30)",
    )
    parser.add_argument(
        "--max-rows", type=whole(1), default=10_000, help="the most rows of a request (default: 10000)"
    )
    parser.add_argument(
        "--max-bytes", type=whole(1), default=16_000_000, help="the most bytes of a body (default: 16000000)"
    )
    parser.add_argument(
        "--log-requests",
        type=Path,
        metavar="FOLDER",
        help="keep rows and predictions there, without the columns of serve.private",
    )
    parser.add_argument(
        "--sample",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="the share of requests to keep (default: 1)",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help=f"accept requests from other machines without a token in {CLIENTS}",
    )


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


def settings_of(arguments: Namespace, served: Served) -> Settings:
    """Return how the server answers.

    Raises:
        UserError: requests cannot be kept, or the image has another version than the one asked for.
    """
    model = arguments.model or served.model
    if served.inside and model != INSIDE:
        raise UserError(
            f"--model {model}: this image serves {served.inside.named}, which is inside; "
            "`image --without-model` makes an image that asks the registry"
        )
    prepare(arguments.log_requests, arguments.sample)
    return Settings(
        served.name,
        model,
        arguments.poll,
        arguments.max_rows,
        arguments.max_bytes,
        arguments.body_seconds,
        terse=served.serve.errors == "terse",
        requests=str(arguments.log_requests or ""),
        sample=arguments.sample,
        private=served.serve.private,
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
