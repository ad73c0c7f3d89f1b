"""The project's package: `stages` run in the order of dvc.yaml, the other rooms serve them."""

import os
import sys
from getpass import getuser
from importlib.util import find_spec
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036, that is why it is said
    sys.exit(
        f"error: {sys.executable} is Python {sys.version.split()[0]}, and this project needs 3.11 or newer: "
        "activate its environment (.venv)"
    )
if sys.flags.optimize > 1:
    sys.exit("error: MLflow needs its docstrings: unset PYTHONOPTIMIZE, or start Python without -OO")
if find_spec("mlflow") is None:
    sys.exit(
        f"error: {sys.executable} lacks this project's libraries: activate its environment "
        "(.venv), or run `pip install -r requirements.txt`"
    )

try:
    Path.home()
except RuntimeError:
    sys.exit("error: this user has no home folder, which DVC and MLflow need: export HOME=/tmp USER=me")
try:
    getuser()
except (ImportError, KeyError, OSError):  # a container's user may have no name, and DVC asks for one
    os.environ["USER"] = "unknown"

# Read when the libraries are imported, so set before: no telemetry, no progress bars, and a
# tracking server that does not answer is an error in seconds, not minutes.
for _name, _value in {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "GX_ANALYTICS_ENABLED": "false",
}.items():
    os.environ.setdefault(_name, _value)
