"""Say what CI still needs to share data and models, a line for each; exit code 1 if something is missing.

In CI a model must not be registered in a file on the job's machine, which is deleted after the job.
"""

from argparse import ArgumentParser, Namespace

from ..base.errors import UserError
from ..base.paths import project_root
from ..storage import remote
from ..storage.problems import UnusableError
from ..tracking import address
from ..tracking.local_store import local_database


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments."""


def main(arguments: Namespace) -> None:
    """Run the command."""
    if lacking := [line for line in (remote_not_readable(), store_not_shared()) if line]:
        raise UserError("\n".join(lacking))


def remote_not_readable() -> str:
    """Say why DVC's remote cannot be read from here, such as missing credentials; empty if it can."""
    try:
        with remote.opened() as (_, place):
            remote.check_readable(place)
    except UnusableError as error:
        return str(error)
    return ""


def store_not_shared() -> str:
    """Say so if the tracking store is a file in this checkout; empty if it is something else."""
    database = local_database(address.tracking_uri())
    if database is None or not database.is_relative_to(project_root()):
        return ""
    return (
        f"{database.name}: the tracking store is a file in this checkout, which nobody else can see; "
        "give the job the team's server as the secret MLFLOW_TRACKING_URI"
    )
