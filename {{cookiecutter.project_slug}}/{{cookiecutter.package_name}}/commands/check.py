"""Check that what is committed belongs together: dvc.lock is that of the code, the parameters and the data.

And that all it names is in DVC's remote, and the champion's run in the tracking store; where one of them
cannot be reached, as from a fork, it says so and passes. Nothing is trained.
"""

from argparse import ArgumentParser, Namespace

from ..errors import UserError
from ..params import load_params
from ..reporting.staleness import LOCK, stale
from ..text import masked
from ..tracking import store
from ..tracking.lookup import lost_run
from ..tracking.registry import CHAMPION, Registry
from ..tuning.dvc import not_ascii
from .pull import UnreachableError, pull


def add_arguments(parser: ArgumentParser) -> None:
    """Take none."""


def main(arguments: Namespace) -> None:
    """Run the command."""
    try:
        pull()
    except UnreachableError as error:
        print(masked(f"data not checked: {error}"))
    if changed := stale():
        raise UserError(
            f"{LOCK}: not that of what is committed ({', '.join(changed)}); "
            "run `dvc repro`, commit dvc.lock and reports/, and `dvc push`"
        )
    if problem := not_ascii(store.project_root()):
        print(problem)
    print(f"{LOCK} is up to date")
    if lost := champion_lost():
        raise UserError(lost)


def champion_lost() -> str:
    """Say that the champion's run is deleted; empty if it is there, or there is no champion."""
    name = load_params().register_.name
    database = store.local_database(store.tracking_uri())
    if database is not None and not database.is_file():
        return ""  # and to look for a champion would make one
    try:
        with store.opened() as client:
            champion = Registry(client, name).with_alias(CHAMPION)
            lost = lost_run(client, champion) if champion else ""
    except UserError as error:
        print(masked(f"champion not checked: {error}"))
        return ""
    return f"{name} version {champion.version} is @{CHAMPION}, but {lost}" if champion and lost else ""
