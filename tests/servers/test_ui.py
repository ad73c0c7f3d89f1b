"""MLflow's pages as `python -m penguins ui` shows them."""

import os
import signal
import subprocess
import urllib.request
from itertools import takewhile

import pytest

from tests.support.baked import Baked
from tests.support.serving import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.servers]


def test_the_runs_are_shown_the_best_first_until_ctrl_c(finished: Baked) -> None:
    assert finished.bin
    port = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    command = [str(finished.bin / "python"), "-m", "penguins", "ui", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=finished.path,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    ) as shown:
        assert shown.stdout is not None
        assert shown.stderr is not None
        lines = list(takewhile(lambda line: "Ctrl-C" not in line, shown.stdout))
        assert lines, shown.stderr.read()  # it has ended
        assert lines[-1].startswith(f"{address}/#/experiments/")
        assert (
            "?workflowType=machine_learning&orderByKey=metrics.%60f1_macro%60&orderByAsc=false" in lines[-1]
        )
        with urllib.request.urlopen(f"{address}/version") as answer:
            assert answer.status == 200
        busy = finished.run("python", "-m", "penguins", "ui", "--port", str(port), check=False)
        assert busy.returncode == 1
        assert busy.stderr.startswith(f"error: 127.0.0.1:{port}: ")
        os.killpg(shown.pid, signal.SIGINT)
        _, errors = shown.communicate(timeout=180)
    assert shown.returncode == 0
    assert "Traceback" not in errors
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{address}/version")
