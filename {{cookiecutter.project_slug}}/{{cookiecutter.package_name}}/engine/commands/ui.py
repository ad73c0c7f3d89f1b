"""Show the runs and the models in a browser: MLflow's pages, for this machine only.

Starts MLflow's server on the project's own store, with telemetry off, and opens the runs of the experiment,
the best first. If the project's store is a tracking server, opens the experiment's page there. Ctrl-C ends
it.
"""

import os
import signal
import subprocess
import sys
import time
import webbrowser
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import urlopen

from .. import project
from ..base.errors import UserError
from ..base.interrupts import resumed
from ..base.ports import check_free
from ..base.text import without_account
from ..tracking import store
from ..tracking.links import experiment_url
from .options import port

HOST = "127.0.0.1"
PATIENCE = 120.0  # seconds for the server's start
OPTIONS = ["--host", HOST, "--workers", "1", "--uvicorn-opts", "--log-level warning"]
# no host of MLflow's is looked up, and two processes are enough instead of nine: nothing here runs jobs
SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
SETTINGS |= {"PYTHONWARNINGS": "ignore"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the port, and whether to open a browser."""
    parser.add_argument("--port", type=port, default=5000, help="default: 5000")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def main(arguments: Namespace) -> None:
    """Run the command."""
    metric = project.load_params().evaluate.primary_metric
    greater = project.greater_is_better().get(metric, True)
    with store.opened() as client:
        experiment = store.experiment_id(client, store.experiment_name())
        uri = client.tracking_uri
    if uri.startswith("http"):
        show(experiment_url(without_account(uri), experiment, metric, greater), arguments.no_browser)
        return
    check_free(HOST, arguments.port)
    address = f"http://{HOST}:{arguments.port}"
    command = ["server", "--backend-store-uri", uri, "--port", str(arguments.port), *OPTIONS]
    # in a session of its own, since MLflow answers Ctrl-C with a traceback
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *command], env={**os.environ, **SETTINGS}, start_new_session=True
    )
    try:
        wait(server, address)
        show(experiment_url(address, experiment, metric, greater), arguments.no_browser)
        print("Ctrl-C ends it")
        server.wait()
    except KeyboardInterrupt:
        resumed()
        print("ended")
    finally:
        end(server)


def end(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its workers at once: whatever was answered is in the store already."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
    else:
        server.kill()
    server.wait()


def wait(server: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait until the server answers.

    Raises:
        UserError: it ended, or does not answer in time.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with suppress(URLError, HTTPException, OSError), urlopen(f"{address}/health", timeout=5):
            return
        time.sleep(0.2)
    raise UserError(f"{address}: MLflow's server did not start; it says above why")


def show(url: str, only_print: bool) -> None:
    """Print an address, and open it in a browser."""
    print(url, flush=True)
    if not only_print:
        webbrowser.open(url)
