"""The options of `serve`, and the settings that they make."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..base.errors import UserError
from ..registry.registry import CHAMPION
from ..serving.kept import prepare
from ..serving.served import INSIDE, Served
from ..serving.settings import CLIENTS, Settings
from .options import port, seconds, whole

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
