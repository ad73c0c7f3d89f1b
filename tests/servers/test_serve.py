"""The server of predictions, started for real: exchanged while it is asked, killed in part, and ended."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.support.baked import Baked
from tests.support.running import edit
from tests.support.serving import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.servers]

MODEL = "served"
VERSIONS = """
from pathlib import Path
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
(first,) = client.search_model_versions("name = 'penguins' AND version_number = 1")
client.create_registered_model("served")
for source in (first.source, first.source, Path("mlruns/nowhere").absolute().as_uri()):
    client.create_model_version("served", source, first.run_id, tags=first.tags)
"""
MOVE = """
import sys
from mlflow import MlflowClient
MlflowClient("sqlite:///mlflow.db").set_registered_model_alias("served", "champion", sys.argv[1])
"""
CLIENT = """
import sys
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=180)
print(client.invoke(pd.read_csv("data/raw/penguins.csv").head(20)).get_predictions()[0].tolist())
"""


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    url: str
    log: Path
    failures: list[object] = field(default_factory=list)

    def ask(self, route: str, body: bytes | None = None, kind: str = "application/json") -> str:
        request = urllib.request.Request(f"{self.url}{route}", body, {"content-type": kind})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    def wait(self, route: str, says: str, seconds: float = 180) -> str:
        """Ask until the answer has a text."""
        until = time.monotonic() + seconds
        while True:
            try:
                if says in (text := self.ask(route)):
                    return text
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def wait_for_both(self, event: str, seconds: float = 180) -> None:
        """Wait until both workers have logged an event."""
        until = time.monotonic() + seconds
        while (text := self.log.read_text()).count(f'"event": "{event}"') < 2:
            assert time.monotonic() < until, text[-3000:]
            time.sleep(0.1)

    @contextmanager
    def asked_all_the_time(self, body: bytes) -> Iterator[None]:
        """Within the block, send one request after the other; a failure is kept."""
        ended = threading.Event()

        def ask() -> None:
            while not ended.is_set():
                try:
                    self.ask("/predict", body)
                except OSError as error:
                    self.failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
        finally:
            ended.set()
            asking.join()


@pytest.fixture
def server(project: Baked, tmp_path: Path) -> Iterator[Server]:
    edit(project, "params.yaml", "name: penguins", f"name: {MODEL}")
    project.run("python", "-c", VERSIONS)
    project.run("python", "-c", MOVE, "1")
    assert project.bin
    port, log = free_ports(1), tmp_path / "serve.log"
    command = [str(project.bin / "python"), "-m", "penguins", "serve", "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, "--poll", "0.3", "--workers", "2"],
            cwd=project.path,
            env={**os.environ, "SERVE_TOKEN": ""},
            stderr=file,
            text=True,
            start_new_session=True,
        )
    try:
        server = Server(process, f"http://127.0.0.1:{port}", log)
        server.wait("/ready", "")
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def count(text: str, of: str) -> float:
    """Add up the samples of a metric."""
    return sum(float(value) for value in re.findall(rf"^{of}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


def test_the_registry_says_which_version_answers(server: Server, project: Baked, tmp_path: Path) -> None:
    rows = "\n".join(project.read("data/raw/penguins.csv").splitlines()[:21]) + "\n"
    project.run("python", "-m", "penguins", "predict", "data/raw/penguins.csv", tmp_path / "predicted.csv")
    predicted = (tmp_path / "predicted.csv").read_text().splitlines()
    place = predicted[0].split(",").index("predicted")
    expected = [line.split(",")[place] for line in predicted[1:21]]
    port = server.url.rpartition(":")[2]
    assert project.run("python", "-c", CLIENT, port).stdout.strip() == str(expected)

    header, *lines = [line.split(",") for line in rows.splitlines()]
    taken = json.loads(server.ask("/openapi.json"))["paths"]["/predict"]["post"]["requestBody"]["content"]
    names = [*taken["application/json"]["schema"]["properties"]["rows"]["items"]["properties"]]
    records = [{name: line[header.index(name)] for name in names} for line in lines]
    body = json.dumps(records).encode()
    said = json.loads(server.ask("/predict", body))
    assert [row["prediction"] for row in said["predictions"]] == expected
    assert said["model"] == {"name": MODEL, "version": "1"}

    with server.asked_all_the_time(json.dumps(records[:1]).encode()):
        project.run("python", "-c", MOVE, "2")
        server.wait_for_both("reloaded")
        assert '"version":"2"' in server.ask("/model")
        project.run("python", "-c", MOVE, "3")  # which cannot be loaded
        server.wait_for_both("reload_failed")
        assert '"version":"2"' in server.ask("/model")
        assert 'serve_reloads{result="failed"} 1.0' in server.ask("/metrics")
        assert server.ask("/ready")
    assert server.failures == []

    before = count(server.ask("/metrics"), "serve_rows_total")
    workers = psutil.Process(server.process.pid).children(recursive=True)
    victim = next(worker for worker in workers if "spawn_main" in " ".join(worker.cmdline()))
    victim.kill()
    server.wait("/ready", "")
    assert count(server.wait("/metrics", "serve_rows_total"), "serve_rows_total") >= before > 20

    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60) == 0
    assert "Traceback" not in server.log.read_text()
    with pytest.raises(urllib.error.URLError):
        server.ask("/health")


def test_what_cannot_be_served_is_one_line(project: Baked) -> None:
    said = project.refused("python", "-m", "penguins", "serve", "--model", "99")
    assert said.startswith("99: no version of 'penguins' has this number")
    said = project.refused("python", "-m", "penguins", "serve", "--host", "0.0.0.0", env={"SERVE_TOKEN": ""})
    assert "SERVE_TOKEN" in said
