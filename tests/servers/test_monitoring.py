"""The monitoring of deploy/serving/: each alert is really sent, for servers that really misbehave."""

import json
import os
import re
import shlex
import shutil
import socket
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.alerted import Told, somebody_is_told, with_trigger
from tests.support.baked import Baked
from tests.support.lacking import lacking
from tests.support.pages import blocks
from tests.support.rollout import PORTS, Stage, copied, first_champion, misbehaving, ports, records
from tests.support.running import replace_in

pytestmark = [pytest.mark.slow, pytest.mark.servers]

PROGRAMS = (
    "prometheus",
    "promtool",
    "amtool",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "haproxy",
)
DEBIAN = "Debian: prometheus prometheus-alertmanager prometheus-node-exporter haproxy"
MONITORS = {"prometheus": 9090, "alertmanager": 9093, "node": 9100}  # ports, as the pages have them
# so that hours are seconds
QUICKLY = {
    "[1h]": "[20s]",
    "[6h]": "[10s]",
    "[30m]": "[10s]",
    "[10m]": "[20s]",
    "[5m]": "[10s]",
    "offset 1d": "offset 40s",
    "interval: 1m": "interval: 1s",
}
BUSY = {"Slow"}  # so it is on a machine with much else to do
TOKEN = "of the tests"
BROKEN = """
from pathlib import Path
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
version = client.create_model_version("monitored", Path("mlruns/nowhere").absolute().as_uri())
client.set_registered_model_alias("monitored", "champion", version.version)
"""

PSI = """
import json, sys
from penguins.engine.drift.measures import psi
print(psi(*json.loads(sys.argv[1])))
"""


class Monitored(Stage):
    """The servers, haproxy, and who looks after them."""

    somebody: Told

    @property
    def serving(self) -> Path:
        return self.project.path / "deploy/serving"

    def typed(self, text: str) -> str:
        """Return a command of a page as it is typed here, where ports and folders are others."""
        text = super().typed(text)
        for name, port in MONITORS.items():
            text = re.sub(rf":{port}\b", f":{self.ports[name]}", text)
        places = {"/etc/prometheus": "etc", "/var/lib/prometheus": "lib", "/var/backups": "backups"}
        for place, here in places.items():
            text = text.replace(place, str(self.folder / here))
        return text

    def tools(self, heading: str) -> list[str]:
        page = (self.serving / "README.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1]
        return [block.text for block in blocks(page.split("\n## ")[0]) if block.kind == "sh"]

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.ports['prometheus']}/api/v1/query?"
        asked = urllib.parse.urlencode({"query": expression, **({"time": at} if at else {})})
        with urllib.request.urlopen(url + asked, timeout=60) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found

    def firing(self) -> set[str]:
        return {one["metric"]["alertname"] for one in self.query('ALERTS{alertstate="firing"}')}

    def told(self, *names: str) -> bool:
        """Whether somebody was told of alerts."""
        titles = {one["title"] for one in self.somebody.attachments}
        return titles >= {f"FIRING {name}" for name in names}

    def answers(self, name: str) -> bool:
        try:
            return self.ask(name, "/ready")[0] == 200
        except OSError:
            return False

    def haproxy_is_told(self, command: str) -> None:
        with socket.create_connection(("127.0.0.1", self.ports["socket"]), 60) as connection:
            connection.sendall(f"{command}\n".encode())
            assert connection.recv(1000).strip() == b""

    def paragraph(self, alert: str) -> str:
        """Type the commands of an alert's paragraph; returns what they print."""
        page = self.project.read("docs/in-production.md").split(f"\n### {alert}\n")[1]
        (commands,) = (block.text for block in blocks(page.split("\n### ")[0]) if block.kind == "sh")
        done = self.project.run("sh", "-euc", self.typed(commands), check=False)
        assert done.returncode == (3 if alert == "ColumnDrifts" else 0), done
        return done.stdout

    def what_calls(self) -> str:
        first = next(
            block for block in blocks(self.project.read("docs/in-production.md")) if block.kind == "sh"
        )
        return self.printed(first.text)

    def predict(self, rows: list[dict[str, Any]]) -> None:
        self.ask("haproxy", "/predict", json.dumps(rows).encode(), authorization=f"Bearer {TOKEN}")

    @contextmanager
    def asked(self, rows: list[dict[str, Any]]) -> Iterator[None]:
        """Within the block, clients send some of these rows again and again."""
        ended, random = threading.Event(), Random(0)

        def send() -> None:
            while not ended.wait(0.2):
                self.predict(random.sample(rows, 30))

        clients = [threading.Thread(target=send) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            ended.set()
            for client in clients:
                client.join()


@pytest.fixture
def monitored(tmp_path: Path, finished: Baked, baked: Any) -> Iterator[Monitored]:
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    if missing := [name for name in PROGRAMS if not shutil.which(name, path=path)]:
        lacking(f"not installed: {', '.join(missing)} ({DEBIAN})")
    project = copied(finished, tmp_path, "monitored")
    made = baked(serving="container", ci="gitlab").path
    shutil.copytree(made / "deploy", project.path / "deploy")
    for name in ("in-production.md", "drift.md"):
        shutil.copy(made / "docs" / name, project.path / "docs")
    misbehaving(project)
    first_champion(project)
    stage = Monitored(project, tmp_path, ports(*PORTS, *MONITORS))
    with somebody_is_told() as stage.somebody:
        try:
            start(stage)
            yield stage
        finally:
            for name in list(stage.processes):
                stage.end(name)


def start(stage: Monitored) -> None:
    """Start all parts by the commands of the pages."""
    etc, textfiles = stage.folder / "etc", stage.folder / "lib/node-exporter"
    (etc / "secrets").mkdir(parents=True)
    textfiles.mkdir(parents=True)
    (etc / "secrets/serve_token").write_text(f"{TOKEN}\n")
    (etc / "secrets/slack_url").write_text(f"{stage.somebody.url}/\n")
    for name in ("prometheus.yml", "alertmanager.yml", "rules.yml", "rules_test.yml", "targets-machine.yml"):
        (etc / name).write_text(stage.typed((stage.serving / name).read_text()))
    (etc / "targets-machine.yml").rename(etc / "targets.yml")
    trigger = stage.project.read("docs/drift.md").split("An alert can start the two jobs")[1]
    with_trigger(etc / "alertmanager.yml", trigger, stage.somebody)
    for check in stage.tools("Check it"):
        done = Baked(etc, None, None).run("sh", "-euc", check)
        assert "SUCCESS" in done.stdout, done
    rules = (etc / "rules.yml").read_text()
    for long, short in QUICKLY.items():
        assert long in rules, long
        rules = rules.replace(long, short)
    (etc / "rules.yml").write_text(re.sub(r"for: \w+", "for: 4s", rules))
    replace_in(etc / "prometheus.yml", "scrape_interval: 15s", "scrape_interval: 2s")
    replace_in(etc / "prometheus.yml", "evaluation_interval: 1m", "evaluation_interval: 1s")
    replace_in(etc / "alertmanager.yml", "group_wait: 30s", "group_wait: 1s")
    replace_in(etc / "alertmanager.yml", "group_interval: 5m", "group_interval: 1s")
    two_days_ago = f"mlflow_backup_last_success_timestamp_seconds {time.time() - 2 * 86400}\n"
    (textfiles / "mlflow_backup.prom").write_text(two_days_ago)
    shutil.copy(stage.serving / "haproxy.cfg", stage.folder)
    _, by_hand = stage.tools("Without containers")
    for line in stage.typed(by_hand).splitlines():
        command = shlex.split(line)
        stage.start(command[0], *command)
    token = {"SERVE_TOKEN": "", "SERVE_TOKEN_FILE": str(etc / "secrets/serve_token")}
    for name in ("champion", "canary"):
        port, kept = str(stage.ports[name]), ("--log-requests", "requests") if name == "champion" else ()
        behaviour = str(stage.folder / "behaviour")
        options = ("--model", "@champion", "--poll", "1", "--port", port, *kept)
        stage.python(name, "serve", *options, MISBEHAVE=behaviour, **token)
    servers = {name.upper(): f"127.0.0.1:{stage.ports[name]}" for name in ("champion", "canary")}
    listens = {"ADDRESS": stage.ports["haproxy"], "METRICS": stage.ports["metrics"]}
    places = {name: f"127.0.0.1:{port}" for name, port in listens.items()}
    admin = f"ipv4@127.0.0.1:{stage.ports['socket']}"
    config = str(stage.folder / "haproxy.cfg")
    stage.start("haproxy", "haproxy", "-db", "-f", config, SOCKET=admin, **servers, **places)


def test_each_alert_is_sent_and_each_query_of_the_dashboard_answered(monitored: Monitored) -> None:
    stage, good = monitored, records(monitored.project)
    strange = {"island": "Mars", "sex": "", "flipper_length_mm": "300", "body_mass_g": "9000"}
    bad = [{**row, **strange} for row in good]
    stage.until(lambda: stage.answers("champion") and stage.answers("canary") and stage.answers("haproxy"))
    with stage.asked(good):
        stage.until(lambda: stage.told("BackupTooOld"))
        stage.until(lambda: stage.query('serve:psi:hour{kind="prediction"}'))
        stage.until(lambda: stage.firing() - BUSY == {"BackupTooOld"})
        assert '"alertname": "BackupTooOld"' in stage.what_calls()
        stage.paragraph("BackupTooOld")
        stage.until(lambda: not stage.firing() - BUSY)

    stage.haproxy_is_told("set server models/canary state ready")
    stage.project.run("python", "-c", BROKEN)
    with stage.asked(bad):
        rows = ("ColumnDrifts", "PredictionsDrift", "MissingValues", "NewCategories")
        stage.until(lambda: stage.told(*rows, "CanaryStuck", "VersionNotLoaded"))
        check_dashboard(stage)
        check_stability(stage)
        assert "there is no canary" in stage.paragraph("CanaryStuck")
    assert 'server="canary",state="UP"' in stage.paragraph("ClientsSeeErrors")
    assert "-> 1" in stage.paragraph("Errors")
    stage.haproxy_is_told("set server models/canary state maint")

    behaviour = stage.folder / "behaviour"
    behaviour.write_text("slow")
    with stage.asked(good):
        stage.until(lambda: stage.told("Slow"))
        behaviour.write_text("fail")
        stage.until(lambda: stage.told("Errors", "ClientsSeeErrors"))
    stage.until(lambda: stage.told("TrafficGone"))
    assert 'server="champion",state="UP"' in stage.paragraph("NoModel")
    stage.until(lambda: [*stage.project.path.glob("requests/*/*.parquet")])  # each minute it writes one
    assert "drift: " in stage.paragraph("ColumnDrifts")
    stage.end("champion")
    stage.until(lambda: stage.told("NoModel"))

    rules = YAML(typ="safe").load(stage.serving / "rules.yml")["groups"]
    alerts = [rule["alert"] for group in rules for rule in group["rules"] if "alert" in rule]
    assert stage.told(*alerts)
    for name in alerts:
        link = f"/in-production.md#{name.lower()}"
        assert any(link in one["text"] for one in stage.somebody.attachments), name
    assert stage.somebody.refused == []
    drift = {"ColumnDrifts", "PredictionsDrift"}
    assert {(project, ref) for project, ref, _ in stage.somebody.pipelines} == {("7", "main")}
    assert set.union(*(alerts for *_, alerts in stage.somebody.pipelines)) == drift


def check_dashboard(stage: Monitored) -> None:
    """Ask Prometheus what Grafana would."""
    panels = json.loads((stage.serving / "dashboard.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(queries) > 10
    assert [query for query in queries if not stage.query(query)] == []


def check_stability(stage: Monitored) -> None:
    """Compute the index of a column from its counts as `drift` does, and compare."""
    at, chosen = time.time() - 3, '{column="island", kind="feature"}'
    sides = [
        {one["metric"]["bin"]: float(one["value"][1]) for one in stage.query(f"{metric}{chosen}", at)}
        for metric in ("serve:reference_bin_rows", "serve:bin_rows:hour")
    ]
    rows = json.dumps([[side[name] for name in sorted(sides[0])] for side in sides])
    expected = float(stage.project.run("python", "-c", PSI, rows).stdout)
    (found,) = stage.query(f"serve:psi:hour{chosen}", at)
    assert float(found["value"][1]) == pytest.approx(expected, rel=1e-6)
    assert expected > 1
