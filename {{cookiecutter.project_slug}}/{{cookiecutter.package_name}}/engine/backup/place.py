"""Where a store is: its database and its artifacts."""

import os
from dataclasses import dataclass

from ..base.errors import UserError
from ..base.paths import project_root
from ..base.text import masked
from ..tracking import address
from ..tracking.local_store import local_database
from .database import Database, database_at
from .files import Files

# variables that `mlflow server` reads, too
DATABASE, ARTIFACTS = "MLFLOW_BACKEND_STORE_URI", "MLFLOW_ARTIFACTS_DESTINATION"


@dataclass(frozen=True)
class Place:
    """Where a store is.

    Attributes:
        databases: the database of the `store` and, if the server has accounts, that of its `accounts`.
        files: the artifacts.
        is_embedded: whether the store is the project's own, whose artifacts are in `mlruns`.
    """

    databases: dict[str, Database]
    files: Files
    is_embedded: bool = False


def place(database: str | None, artifacts: str | None, accounts: str | None = None) -> Place:
    """Return where a store is: as given, as in the server's environment, or else the project's own store.

    Raises:
        UserError: the database or the artifacts are not given.
    """
    database = database or os.environ.get(DATABASE)
    artifacts = artifacts or os.environ.get(ARTIFACTS)
    if bool(database) != bool(artifacts):
        missing = f"--artifacts (or {ARTIFACTS})" if database else f"--database (or {DATABASE})"
        raise UserError(f"a server's store has a database and artifacts: {missing} is missing")
    is_embedded = not database
    if is_embedded:
        uri = address.tracking_uri()
        if local_database(uri) is None:
            raise UserError(
                f"{masked(uri)}: a server's store is backed up where its database and artifacts can be "
                f"reached: give --database and --artifacts, or {DATABASE} and {ARTIFACTS}"
            )
        database, artifacts = uri, (project_root() / "mlruns").as_uri()
    databases = {"store": database_at(str(database))}
    if accounts:
        databases["accounts"] = database_at(accounts)
    return Place(databases, Files(str(artifacts)), is_embedded)
