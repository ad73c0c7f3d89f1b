"""Send a server requests for some seconds, as users would, and judge it by the SLO in params.yaml.

Locust (an extra: see pyproject.toml) sends rows of the validated table to /predict; each user sends the next
row as soon as the last one is answered. The block `slo` has limits for the time within which half and 99 % of
the requests are answered, for the share of requests that fail, and for the answers per second. SERVE_TOKEN,
or the file that SERVE_TOKEN_FILE names, holds the server's token, if it needs one.

Exit code: 0 if all limits are met, 1 if one is missed or nothing could be measured.
"""

import sys
from argparse import ArgumentParser, Namespace

from ..base import console
from ..base.errors import UserError
from ..load_test.rows import drawn
from ..load_test.running import Measured, check_locust, run
from ..load_test.verdict import Objective, judged
from ..project import load_params
from ..rollout.source import Source
from ..serving.settings import token
from .options import add_json, address, print_json

MOST = {"seconds": 600, "users": 200}  # the command measures a server, and must not bring it down


def add_arguments(parser: ArgumentParser) -> None:
    """Add the server, how long requests are sent, and by how many users."""
    parser.add_argument(
        "url", type=address, metavar="URL", help="the server's address, such as http://127.0.0.1:8000"
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=10,
        help=f"how long to send requests, at most {MOST['seconds']} (default: 10)",
    )
    parser.add_argument(
        "--users",
        type=int,
        default=4,
        help=f"how many users at the same time, at most {MOST['users']} (default: 4)",
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    for name, most in MOST.items():
        if not 1 <= (given := getattr(arguments, name)) <= most:
            raise UserError(f"--{name} {given}: needs a number from 1 to {most}")
    check_locust()
    params = load_params()
    url, secret = arguments.url, token()
    model = Source(url, secret).model()
    rows = drawn(params, {column["name"]: column["role"] for column in model["columns"]})
    with console.working(f"asking {url} for {arguments.seconds} seconds"):
        measured = run(url, rows, secret, arguments.users, arguments.seconds)
    objectives = judged(measured, params.slo)
    if arguments.json:
        print_json(content(model, measured, objectives))
    else:
        show(model, measured, objectives, arguments.users)
    if not all(objective.is_met for objective in objectives):
        sys.exit(1)


def show(model: dict[str, object], measured: Measured, objectives: list[Objective], users: int) -> None:
    """Print what was measured, and why requests failed."""
    missed = sum(not objective.is_met for objective in objectives)
    limits = sum(objective.limit is not None for objective in objectives)
    title = f"load-test: {missed} of {limits} limits missed" if missed else f"load-test: {limits} limits met"
    console.table(title, [objective.row() for objective in objectives])
    asked = f"{measured.requests} in {measured.seconds:.1f} s by {users} users"
    console.summary("", {"version": model["version"], "requests": asked})
    if measured.reasons:
        console.summary("failed requests", measured.reasons)


def content(model: dict[str, object], measured: Measured, objectives: list[Objective]) -> dict[str, object]:
    """Return what `show` prints as values for JSON; a time is null if no request was answered."""
    answered = bool(measured.milliseconds)
    return {
        "version": model["version"],
        "requests": measured.requests,
        "seconds": measured.seconds,
        "objectives": {
            objective.key: {
                "measured": objective.value if answered or objective.key[:1] != "p" else None,
                "limit": objective.limit,
                "met": objective.is_met,
            }
            for objective in objectives
        },
        "failures": measured.reasons,
    }
