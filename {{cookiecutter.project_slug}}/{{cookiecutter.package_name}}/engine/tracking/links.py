"""Links to the pages of runs."""

from urllib.parse import urlencode

from ..base import console
from ..base.paths import PACKAGE
from ..base.text import without_account

MLFLOW_UI = "http://127.0.0.1:5000"  # where the command `ui` shows a local store


def run_url(tracking_uri: str, experiment_id: str, run_id: str) -> str:
    """Return the URL of a run's page: on the tracking server, or where `ui` shows a local store."""
    base = without_account(tracking_uri).rstrip("/") if tracking_uri.startswith("http") else MLFLOW_UI
    return f"{base}/#/experiments/{experiment_id}/runs/{run_id}"


def print_url(url: str) -> None:
    """Print the URL of a page alone in a line, to be copied; for a local store also when it opens."""
    print(url)
    if url.startswith(MLFLOW_UI):
        console.sentence(f"(while `python -m {PACKAGE} ui` runs)", "  ")


def experiment_url(server: str, experiment_id: str, metric: str, greater_is_better: bool) -> str:
    """Return the URL of the runs of an experiment, the best by a metric first.

    MLflow 3's page opens for traces of language models unless it is told that this is machine learning.

    Args:
        server: its address.
        experiment_id: the experiment's id.
        metric: to sort by.
        greater_is_better: whether the greatest comes first.
    """
    ascending = str(not greater_is_better).lower()
    order = urlencode({"orderByKey": f"metrics.`{metric}`", "orderByAsc": ascending})
    return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs?workflowType=machine_learning&{order}"
