"""The server of predictions, started for real: exchanged while it is asked, killed in part, and ended."""

import json
import re
import signal
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.baked import Baked
from tests.support.served import MODEL, MOVE, Server, register, server

pytestmark = [pytest.mark.slow, pytest.mark.servers]

CLIENT = """
import sys
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=180)
print(client.invoke(pd.read_csv("data/raw/penguins.csv").head(20)).get_predictions()[0].tolist())
"""


@pytest.fixture
def pair(project: Baked, tmp_path: Path) -> Iterator[Server]:
    """A server of two workers."""
    register(project)
    with server(project, tmp_path / "serve.log", "--poll", "0.3", "--workers", "2") as started:
        yield started


def count(text: str, of: str) -> float:
    """Add up the samples of a metric."""
    return sum(float(value) for value in re.findall(rf"^{of}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


def test_the_registry_says_which_version_answers(pair: Server, project: Baked, tmp_path: Path) -> None:
    rows = "\n".join(project.read("data/raw/penguins.csv").splitlines()[:21]) + "\n"
    project.run("python", "-m", "penguins", "predict", "data/raw/penguins.csv", tmp_path / "predicted.csv")
    predicted = (tmp_path / "predicted.csv").read_text().splitlines()
    place = predicted[0].split(",").index("predicted")
    expected = [line.split(",")[place] for line in predicted[1:21]]
    port = pair.url.rpartition(":")[2]
    assert project.run("python", "-c", CLIENT, port).stdout.strip() == str(expected)

    header, *lines = [line.split(",") for line in rows.splitlines()]
    taken = json.loads(pair.ask("/openapi.json"))["paths"]["/predict"]["post"]["requestBody"]["content"]
    names = [*taken["application/json"]["schema"]["properties"]["rows"]["items"]["properties"]]
    records = [{name: line[header.index(name)] for name in names} for line in lines]
    body = json.dumps(records).encode()
    said = json.loads(pair.ask("/predict", body))
    assert [row["prediction"] for row in said["predictions"]] == expected
    assert said["model"] == {"name": MODEL, "version": "1"}

    with pair.asked_all_the_time(json.dumps(records[:1]).encode()):
        project.run("python", "-c", MOVE, "2")
        pair.wait_for("reloaded", 2)
        assert '"version":"2"' in pair.ask("/model")
        project.run("python", "-c", MOVE, "3")  # which cannot be loaded
        pair.wait_for("reload_failed", 2)
        assert '"version":"2"' in pair.ask("/model")
        assert 'serve_reloads_total{result="failed"} 2.0' in pair.ask("/metrics")
        assert pair.ask("/ready")
    assert pair.failures == []

    before = count(pair.ask("/metrics"), "serve_rows_total")
    workers = psutil.Process(pair.process.pid).children(recursive=True)
    victim = next(worker for worker in workers if "spawn_main" in " ".join(worker.cmdline()))
    victim.kill()
    pair.wait("/ready", "")
    assert count(pair.wait("/metrics", "serve_rows_total"), "serve_rows_total") >= before > 20

    pair.process.send_signal(signal.SIGTERM)
    assert pair.process.wait(60) == 0
    assert "Traceback" not in pair.log.read_text()
    with pytest.raises(urllib.error.URLError):
        pair.ask("/health")


def test_what_cannot_be_served_is_one_line(project: Baked) -> None:
    said = project.refused("python", "-m", "penguins", "serve", "--model", "99")
    assert said.startswith("99: no version of 'penguins' has this number")
    said = project.refused("python", "-m", "penguins", "serve", "--host", "0.0.0.0", env={"SERVE_TOKEN": ""})
    assert "SERVE_TOKEN" in said
