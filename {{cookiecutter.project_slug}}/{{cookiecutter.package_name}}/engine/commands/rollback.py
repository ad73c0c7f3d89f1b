"""Make the previous champion the champion again, at once, without gates, data or training.

If you run it again, it goes back one champion further. Archived and deleted versions are skipped.
"""

from argparse import ArgumentParser, Namespace

from ..base.errors import UserError
from ..project import load_params
from ..registry.changes import (
    ROLLBACK,
    Change,
    aliases_after,
    champions,
    moves,
    one_line,
)
from ..registry.history import history_of
from ..registry.lost import lost_run
from ..registry.registry import ARCHIVED, CHAMPION, Registry
from ..tracking import store


def add_arguments(parser: ArgumentParser) -> None:
    """Add the reason."""
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
        UserError: there is no previous champion; or somebody else changed an alias meanwhile.
    """
    history = history_of(models.client, models.name)
    changes = history.for_a_change()
    skipped = ("", aliases_after(changes)[CHAMPION])
    for number in reversed(champions(changes)[:-1]):
        version = models.find(number) if number not in skipped else None
        if version is not None and ARCHIVED not in version.tags:
            return history.move(changes, {CHAMPION: number}, command=ROLLBACK, reason=one_line(reason))
    raise UserError(f"{models.name}: there is no previous champion to go back to; see `history`")
