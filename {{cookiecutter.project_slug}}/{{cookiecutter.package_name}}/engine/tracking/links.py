"""Links to the pages of runs."""

from ..base.text import without_account

MLFLOW_UI = "http://127.0.0.1:5000"  # where `mlflow ui` shows a local store


def run_url(tracking_uri: str, experiment_id: str, run_id: str) -> str:
    """Return the URL of a run's page: on the tracking server, or in `mlflow ui` for a local store."""
    base = without_account(tracking_uri).rstrip("/") if tracking_uri.startswith("http") else MLFLOW_UI
    return f"{base}/#/experiments/{experiment_id}/runs/{run_id}"
