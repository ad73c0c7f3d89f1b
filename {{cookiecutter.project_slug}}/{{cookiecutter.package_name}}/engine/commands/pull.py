"""Get data and models from DVC's remote, as `dvc pull` does; a problem with the remote is one line."""

from argparse import ArgumentParser, Namespace

from ..storage import transfer


def add_arguments(parser: ArgumentParser) -> None:
    """Add whether to look at the data's source, too."""
    parser.add_argument(
        "--update", action="store_true", help="first get new versions of imported data from their source"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.update:
        for file in transfer.imported():
            transfer.run("update", file)
    transfer.pull()
