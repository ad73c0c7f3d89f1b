"""Bring the previous champion back, at once: no gate, no data, no training.

Again, it goes one champion further. Versions that are archived or deleted are passed over.
"""

from argparse import ArgumentParser, Namespace

from ..base.errors import UserError
from ..project import load_params
from ..registry.changes import ROLLBACK, Change, aliases_after, champions, moves, one_line
from ..registry.history import history_of
from ..registry.lost import lost_run
from ..registry.registry import ARCHIVED, CHAMPION, Registry
from ..tracking import store


def add_arguments(parser: ArgumentParser) -> None:
    """Ask why."""
    parser.add_argument("--reason", default="", help="for the history")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        models = Registry(client, load_params().register_.name)
        change = roll_back(models, arguments.reason)
        print(f"{models.name}: {moves(change)}")
        champion = models.version(change.after[CHAMPION])
        if lost := lost_run(models.client, champion):
            print(f"version {champion.version}: {lost}")


def roll_back(models: Registry, reason: str) -> Change:
    """Make the previous champion the champion.

    Raises:
        UserError: there is none; or somebody else changed an alias meanwhile.
    """
    history = history_of(models.client, models.name)
    known = history.changes()
    passed_over = ("", aliases_after(known)[CHAMPION])
    for number in reversed(champions(known)[:-1]):
        version = models.called(number) if number not in passed_over else None
        if version is not None and ARCHIVED not in version.tags:
            return history.move(known, {CHAMPION: number}, command=ROLLBACK, reason=one_line(reason))
    raise UserError(f"{models.name}: there is no previous champion to go back to; see `history`")
