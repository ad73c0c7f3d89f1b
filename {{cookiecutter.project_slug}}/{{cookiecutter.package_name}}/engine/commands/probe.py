"""Test a running server: its version, its contract, and its latency under a load.

The registry says what is right: the server must answer with that version, predict the version's example as
the version itself does, and refuse what the version does not take. Then several clients send the example for
some seconds. It is for a staging server, before a version gets real traffic. SERVE_TOKEN holds the server's
token. The exit code is 1 if something is wrong.
"""

from argparse import ArgumentParser, Namespace

from ..base import console
from ..base.errors import UserError
from ..load_test.short import load
from ..project import load_params
from ..registry.predictor import Predictor
from ..registry.registry import CHAMPION
from ..rollout.probing import asking, contract, own_example
from ..serving.settings import token
from ..tracking import store
from .options import address, seconds, whole


def add_arguments(parser: ArgumentParser) -> None:
    """Add the server, the version, and the load."""
    parser.add_argument("url", type=address, help="the server's address, such as http://127.0.0.1:8000")
    parser.add_argument("--model", default=f"@{CHAMPION}", help=f"the version: 3, @challenger (@{CHAMPION})")
    parser.add_argument("--seconds", type=seconds, default=10.0, help="how long the load lasts (10)")
    parser.add_argument(
        "--clients", type=whole(1), default=4, help="how many clients send at the same time (4)"
    )
    parser.add_argument(
        "--p99",
        type=seconds,
        default=0.5,
        metavar="SECONDS",
        help="the seconds within which 99 %% have to be answered (0.5)",
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    params = load_params()
    with store.opened() as client:
        predictor = Predictor.find(client, params.register_.name, arguments.model)
        ask = asking(arguments.url, token())
        found = list(contract(ask, predictor, params.data))
        found.append(load(ask, own_example(predictor), arguments.clients, arguments.seconds, arguments.p99))
    console.summary("probe", {one.name: f"WRONG: {one.wrong}" if one.wrong else one.seen for one in found})
    if wrong := [one.name for one in found if one.wrong]:
        raise UserError(f"{arguments.url}: {len(wrong)} of {len(found)} tests failed: {', '.join(wrong)}")
