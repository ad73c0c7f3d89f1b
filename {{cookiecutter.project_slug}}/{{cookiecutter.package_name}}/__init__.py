"""The project's package: `stages` run in the order of dvc.yaml, the other rooms serve them."""

import os
import sys
from importlib.util import find_spec

if find_spec("mlflow") is None:
    sys.exit(
        f"error: {sys.executable} lacks this project's libraries: activate its environment "
        "(.venv), or run `pip install -r requirements.txt`"
    )

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
