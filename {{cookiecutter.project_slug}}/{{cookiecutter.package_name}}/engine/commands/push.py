"""Send data and models to DVC's remote, as `dvc push` does; a problem with the remote is one line."""

from argparse import ArgumentParser, Namespace

from ..base import console
from ..storage import transfer


def add_arguments(parser: ArgumentParser) -> None:
    """Add whether to send DVC's cache of runs, too."""
    parser.add_argument(
        "--run-cache",
        action="store_true",
        help="also send DVC's cache of runs, so that nobody has to repeat one",
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    with console.working("sending to DVC's remote"):
        transfer.push(arguments.run_cache)
