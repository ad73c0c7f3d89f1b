"""The prediction server, started for real: exchanged while it is asked, killed in part, and ended."""

import json
import re
import signal
import socket
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.baked import Baked
from tests.support.layered import layered
from tests.support.running import edit, load
from tests.support.served import MODEL, Server, move, register, server

pytestmark = [pytest.mark.slow, pytest.mark.servers]

LOCUST = (  # and what it needs beyond what a project has
    "locust>=2.47,<3", "bidict", "brotli", "configargparse", "flask-login", "gevent", "geventhttpclient",
    "greenlet", "python-engineio", "python-socketio", "simple-websocket", "wsproto", "zope-event",
    "zope-interface",
)  # fmt: skip
CLIENT = """
import sys
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=180)
print(client.invoke(pd.read_csv("data/raw/penguins.csv").head(20)).get_predictions()[0].tolist())
"""

ANSWERS = "penguins/answers.py"  # a module of the same name in two versions
ALWAYS = """\"\"\"A model with one answer.\"\"\"

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Always(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.tile((self.classes_ == {answer!r}) * 1.0, (len(X), 1))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
"""
REGISTER = """
import sys
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
print(client.create_model_version("served", f"models:/{sys.argv[1]}", sys.argv[2]).version)
"""


@pytest.fixture
def pair(project: Baked, tmp_path: Path) -> Iterator[Server]:
    """A server of two workers."""
    register(project)
    options = ("--poll", "0.3", "--workers", "2", "--grace", "5", "--body-seconds", "600")
    with server(project, tmp_path / "serve.log", *options) as started:
        started.wait_for("ready", 2)
        yield started


ISLANDS = r'serve_bin_rows_total\{[^}]*column="island"[^}]*\}'  # which no row lacks


def count(text: str, of: str) -> float:
    """Add up the samples of a metric."""
    return sum(float(value) for value in re.findall(rf"^{of}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


def test_the_registry_says_which_version_answers(
    pair: Server, project: Baked, environment: Path, tmp_path: Path
) -> None:
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

    by_own_code = own_versions(project, "Gentoo", "Chinstrap")
    with pair.asked_all_the_time(json.dumps(records[:1]).encode()):
        move(project, 2)
        pair.wait_for("reloaded", 2)
        assert '"version":"2"' in pair.ask("/model")
        move(project, 3)  # which cannot be loaded
        pair.wait_for("reload_failed", 2)
        assert '"version":"2"' in pair.ask("/model")
        counted = pair.ask("/metrics")
        assert 'serve_reloads_total{result="failed"} 2.0' in counted
        told = re.findall(r'^serve_(?:model_info|reference|drift).*version="(\d)"', counted, re.M)
        assert {*told} == {"2"}
        assert 'serve_rows_total{version="1"}' in counted
        assert pair.ask("/ready")
        move(project, 1)  # back
        pair.wait_for("reloaded", 4)
        assert '"version":"1"' in pair.ask("/model")
        for times, (answer, number) in enumerate(by_own_code.items(), 3):
            move(project, number)
            pair.wait_for("reloaded", 2 * times)
            assert answers(pair, body) == {(str(number), answer)}
        move(project, 1)
        pair.wait_for("reloaded", 10)
        assert answers(pair, body) == {("1", answer) for answer in expected}
    assert pair.failures == []

    is_probed(pair, project, by_own_code["Gentoo"])
    is_judged_under_load(pair, project, layered(environment, "load", LOCUST))
    survives_the_loss_of_a_worker_and_of_the_store(pair, project, body)
    ends_when_it_is_told_to(pair, body)


def own_versions(project: Baked, *labels: str) -> dict[str, int]:
    """Train and register a model for each label, by a module that always answers with it."""
    dvc = project.read("dvc.yaml").replace(
        "- penguins/models.py\n", f"- penguins/models.py\n      - {ANSWERS}\n"
    )
    (project.path / "dvc.yaml").write_text(dvc)
    edit(project, "params.yaml", "type: hist_gradient_boosting", "type: penguins.answers.Always")
    numbers = {}
    for label in labels:
        (project.path / ANSWERS).write_text(ALWAYS.format(answer=label))
        project.run("python", "-m", "penguins", "train")
        made = load(project, "models/run.json")
        numbers[label] = int(project.run("python", "-c", REGISTER, made["model_id"], made["run_id"]).stdout)
    return numbers


def answers(pair: Server, body: bytes) -> set[tuple[str, str]]:
    """Ask so often that both workers have answered; return the versions with their predictions."""
    said = [json.loads(pair.ask("/predict", body)) for _ in range(8)]
    return {(one["model"]["version"], row["prediction"]) for one in said for row in one["predictions"]}


def is_probed(pair: Server, project: Baked, other: int) -> None:
    """`probe` finds nothing wrong with version 1; beside what another one knows, the answers are wrong."""
    probe = ("python", "-m", "penguins", "probe", pair.url, "--seconds", "1", "--clients", "1", "--p99", "60")
    said = project.run(*probe, "--model", "1").stdout
    assert "WRONG" not in said
    assert re.search(r"load: +\d+ requests in 1 s by 1 clients", said), said
    done = project.run(*probe, "--model", str(other), check=False)
    assert done.returncode == 1
    assert f"version: WRONG: version is 1, and not {other}" in done.stdout
    assert re.search(r"example: WRONG: '\w+', where the version itself predicts 'Gentoo'", done.stdout), done
    assert re.search(r"\d of \d+ tests failed: version, .*example", done.stderr), done.stderr


def is_judged_under_load(pair: Server, project: Baked, bin: Path) -> None:
    """No row of the validated table is refused; a limit that is missed is the exit code."""
    command = (bin / "python", "-m", "penguins", "load-test", pair.url, "--seconds", "3", "--users", "3")
    before = count(pair.ask("/metrics"), "serve_rows_total")
    limits = "slo: {p50_ms: 60000, p99_ms: 60000, requests_per_second: 0.1}"
    edit(project, "params.yaml", "serve:", f"{limits}\nserve:")
    found = json.loads(project.run(*command, "--json").stdout)
    assert found["failures"] == {}
    assert found["version"] == "1"
    assert found["requests"] >= 3
    measured = {key: of["measured"] for key, of in found["objectives"].items()}
    assert 0 < measured["p50_ms"] <= measured["p99_ms"] < 60000
    answered = measured["requests_per_second"] * found["seconds"]
    assert answered == pytest.approx(found["requests"])
    assert count(pair.ask("/metrics"), "serve_rows_total") == before + found["requests"]

    edit(project, "params.yaml", "p50_ms: 60000", "p50_ms: 0.001")
    missed = project.run(*command, check=False)
    assert missed.returncode == 1
    assert "load-test: 1 of 4 limits missed" in missed.stdout
    assert re.search(r"p50 .* ms +at most 0.001 ms +missed", missed.stdout)


def survives_the_loss_of_a_worker_and_of_the_store(pair: Server, project: Baked, body: bytes) -> None:
    """Kill a worker while the store is gone: the other answers, and what the dead one counted is kept."""
    counted = count(pair.ask("/metrics"), "serve_rows_total")
    assert counted > 40
    until = time.monotonic() + 60  # within a second each worker counts its rows by bins, too
    while count(pair.ask("/metrics"), ISLANDS) != counted:
        assert time.monotonic() < until, pair.ask("/metrics")
        time.sleep(0.2)
    places = [(project.path / name, project.path / f"{name}.gone") for name in ("mlflow.db", "mlruns")]
    for place, gone in places:
        place.rename(gone)
    workers = psutil.Process(pair.process.pid).children(recursive=True)
    victim = next(worker for worker in workers if "spawn_main" in " ".join(worker.cmdline()))
    victim.kill()
    pair.wait_for("not_loaded")  # by the worker that takes its place
    assert json.loads(pair.ask("/predict", body))["model"]["version"] == "1"
    for place, gone in reversed(places):
        assert not place.exists()  # a server makes no store
        gone.rename(place)
    pair.wait_for("ready", 3)
    assert count(pair.ask("/metrics"), "serve_rows_total") == counted + 20


def ends_when_it_is_told_to(pair: Server, body: bytes) -> None:
    """A request that is under way is answered; one that does not end is not waited for."""
    host, port = pair.url.removeprefix("http://").split(":")
    head = f"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    connections = [socket.create_connection((host, int(port)), timeout=120) for _ in range(2)]
    for connection in connections:
        connection.sendall(head + body[:-1])
    time.sleep(1)
    pair.process.send_signal(signal.SIGTERM)
    connections[0].sendall(body[-1:])
    assert connections[0].recv(65536).startswith(b"HTTP/1.1 200")
    assert pair.process.wait(180) == 0
    assert "Traceback" not in pair.log.read_text()
    with pytest.raises(urllib.error.URLError):
        pair.ask("/health")


def test_workers_end_with_the_server_that_was_killed(project: Baked, tmp_path: Path) -> None:
    register(project)
    with server(project, tmp_path / "serve.log", "--workers", "2") as started:
        started.wait_for("ready", 2)
        workers = psutil.Process(started.process.pid).children(recursive=True)
        started.process.kill()
        _, alive = psutil.wait_procs(workers, 60)
        assert not alive
        with pytest.raises(urllib.error.URLError):
            started.ask("/health")


def test_what_cannot_be_served_is_one_line(project: Baked) -> None:
    said = project.refused("python", "-m", "penguins", "serve", "--model", "99")
    assert said.startswith("99: no version of 'penguins' has this number")
    said = project.refused("python", "-m", "penguins", "serve", "--host", "0.0.0.0", env={"SERVE_TOKEN": ""})
    assert "SERVE_TOKEN" in said
