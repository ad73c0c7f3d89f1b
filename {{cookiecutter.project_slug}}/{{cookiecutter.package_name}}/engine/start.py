"""What a process needs before any library is imported; only `cli` calls it.

Any Python 3 can parse this file, since it is what reports that a newer Python is needed.
"""

import os
import sys
from getpass import getuser
from importlib.util import find_spec
from pathlib import Path

# Libraries read these when they are imported: no telemetry, no progress bars, and a tracking server that does
# not answer is an error within seconds, not minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    # A server with artifacts on S3 would send a client to the bucket itself, which may not be reachable from
    # here: MLflow would then wait for minutes. Through the server, the artifacts are always reachable.
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",
    "GX_ANALYTICS_ENABLED": "false",
    # Threads that wait for each other sleep. By default they spin, and if others need the cores, as in a
    # sweep or in a container with a limit, a fit of 275 rows takes a minute instead of a second.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Libraries would add these themselves, later. Adding a variable while another thread reads one can crash
    # the process, since C's setenv moves all of them; changing one cannot.
    "KMP_DUPLICATE_LIB_OK": "True",  # scikit-learn
    "KMP_INIT_AT_FORK": "FALSE",
    "_MLFLOW_IS_IN_SERVING_ENVIRONMENT": "false",
}
SHARED = "/var/tmp"


def check_interpreter() -> None:
    """End the process with one line if this Python cannot run the project."""
    if sys.version_info < (3, 11):  # noqa: UP036, an older Python may well be running this
        sys.exit(
            f"error: {sys.executable} is Python {sys.version.split()[0]}, and this project needs 3.11 or "
            "newer: activate its environment (.venv)"
        )
    if sys.flags.optimize > 1:
        sys.exit("error: MLflow needs its docstrings: unset PYTHONOPTIMIZE, or start Python without -OO")
    if find_spec("mlflow") is None:
        sys.exit(
            f"error: {sys.executable} lacks this project's libraries: activate its environment "
            "(.venv), or run `pip install -r requirements.txt`"
        )


def set_environment() -> None:
    """Set the variables that the libraries read, unless they are set; end the process if there is no home."""
    try:
        Path.home()
    except RuntimeError:
        sys.exit("error: this user has no home folder, which DVC and MLflow need: export HOME=/tmp USER=me")
    try:
        getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name, but DVC needs one
        os.environ["USER"] = "unknown"
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if Path(SHARED).is_dir() and not os.access(SHARED, os.W_OK):  # such as in a container that is read-only
        from tempfile import gettempdir

        os.environ.setdefault("DVC_SITE_CACHE_DIR", str(Path(gettempdir(), "dvc")))
