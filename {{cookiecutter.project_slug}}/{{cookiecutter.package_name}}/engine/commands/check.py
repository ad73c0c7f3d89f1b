"""Check that the committed files belong together: dvc.lock is up to date with code, parameters and data.

Also check that all the files it names are in DVC's remote or its cache here, and that the champion's run is
in the tracking store. If the remote or the store cannot be reached, as from a fork, that check is skipped,
and the output says so. Nothing is trained, and no file of the workspace is changed.
"""

from argparse import ArgumentParser, Namespace

from ..base.errors import UserError
from ..base.paths import LOCK, project_root
from ..base.text import masked
from ..lineage.staleness import stale
from ..lineage.undeclared import check_declared
from ..project import load_params
from ..registry.lost import lost_run
from ..registry.registry import CHALLENGER, CHAMPION, Registry
from ..storage.problems import UnusableError
from ..storage.transfer import fetch
from ..tracking import address, store
from ..tracking.local_store import local_database
from ..tuning.dvc_encoding import not_ascii


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments."""


def main(arguments: Namespace) -> None:
    """Run the command."""
    try:
        fetch()
    except UnusableError as error:
        print(masked(f"data not checked: {error}"))
    check_declared()
    if changed := stale():
        raise UserError(
            f"{LOCK}: is out of date ({', '.join(changed)}); "
            "run `dvc repro`, commit dvc.lock and reports/, and `dvc push`"
        )
    if problem := not_ascii(project_root()):
        print(problem)
    print(f"{LOCK} is up to date")
    lost = lost_runs()
    if CHALLENGER in lost:
        print(lost[CHALLENGER])
    if CHAMPION in lost:
        raise UserError(lost[CHAMPION])


def lost_runs() -> dict[str, str]:
    """Return, by alias, a message for each version whose run is deleted; empty if there is none."""
    name = load_params().register_.name
    database = local_database(address.tracking_uri())
    if database is not None and not database.is_file():
        return {}  # opening the store would create it
    try:
        with store.opened() as client:
            models = Registry(client, name)
            versions = {alias: models.with_alias(alias) for alias in (CHAMPION, CHALLENGER)}
            lost = {alias: lost_run(client, version) for alias, version in versions.items() if version}
    except UserError as error:
        print(masked(f"champion not checked: {error}"))
        return {}
    return {
        alias: f"{name} version {version.version} is @{alias}, but {lost[alias]}"
        for alias, version in versions.items()
        if version and lost[alias]
    }
