"""Print the number of the version that a git tag releases, for a script or a CI job.

It is the version whose model is named in the dvc.lock of the tag's commit. It must be @challenger or
@champion, or have been @champion; any other version is refused. The answer for a tag is always the same.
"""

from argparse import ArgumentParser, Namespace

from ..project import load_params
from ..registry.history import history_of
from ..registry.registry import Registry
from ..registry.released import released
from ..tracking import store


def add_arguments(parser: ArgumentParser) -> None:
    """Add the tag."""
    parser.add_argument("tag", help="v1.2.0, or another name of a commit")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        models = Registry(client, load_params().register_.name)
        changes = history_of(client, models.name).changes()
        print(released(models, changes, arguments.tag).version)
