"""Where MLflow's store is; this is read without the libraries that are needed to use the store."""

import os

from ..base import env_file, settings
from ..base.paths import project_root
from .local_store import SQLITE, path_in, sqlite_uri


def tracking_uri() -> str:
    """Return the store's URI: MLFLOW_TRACKING_URI from the environment or from .env, or else the default.

    A relative path of a sqlite file is relative to the project's root, not to the current folder.
    """
    env_file.load()
    uri = os.environ.get("MLFLOW_TRACKING_URI") or settings.default_tracking_uri()
    if not uri.startswith(SQLITE):
        return uri
    return sqlite_uri(project_root() / path_in(uri)) + "".join(uri.partition("?")[1:])
