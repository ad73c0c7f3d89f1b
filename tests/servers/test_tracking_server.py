"""The tracking server as deploy/tracking/ sets it up: PostgreSQL, artifacts on S3, accounts, TLS."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import bake_into, installed
from tests.support import deployed
from tests.support.baked import Baked, run
from tests.support.deployed import Deployment
from tests.support.running import Store, store

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Team:
    """A server, and the project that moves to it."""

    server: Deployment
    project: Baked

    def record(self) -> Store:
        return store(self.project, self.server.url, **self.server.client)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, finished: Baked, environment: Path) -> Iterator[Team]:
    deployed.needed()
    folder = tmp_path_factory.mktemp("server")
    baked = bake_into(folder, {"mlflow_tracking_uri": "https://localhost"}, True).within(environment)
    lock = baked.path / "deploy/tracking/requirements.txt"
    (folder / "swift").mkdir()
    with (
        deployed.object_store(folder / "swift") as s3,
        deployed.deployed(folder, baked, installed(lock, sys.executable), s3) as server,
    ):
        yield Team(server, finished)


def curl(server: Deployment, *arguments: str) -> str:
    """The status that a request to the proxy gets."""
    ca = str(server.folder / "ca.pem")
    status = ("--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", ca)
    return run(server.folder, "curl", *status, *arguments).stdout


def test_it_is_well_and_notices_a_403(team: Team) -> None:
    server = team.server
    assert server.healthy() == ""
    api = f"{server.url}/api/2.0/mlflow/experiments/search?max_results=1"
    account = f"admin:{server.secret('admin_password')}"
    assert curl(server, api) == "401"
    assert curl(server, "--user", account, api) == "200"
    assert curl(server, "--user", account, "--header", "Host: other.example.com", api) == "403"
    assert curl(server, f"http://localhost:{server.ports['http']}/") == "301"
    settings = server.folder / "etc/settings.conf"
    right = settings.read_text()
    settings.write_text(right.replace("TRACKING_HOST=localhost", "TRACKING_HOST=other.example.com"))
    assert server.healthy().startswith("403: Invalid Host header")
    settings.write_text(right)


def test_a_laptop_moves_to_it_with_every_id(team: Team, tmp_path: Path) -> None:
    project, server = team.project, team.server
    before = store(project)
    project.run("python", "-m", "penguins", "tracking", "export", tmp_path / "moving")
    project.run("python", "-m", "penguins", "tracking", "import", tmp_path / "moving", env=server.backup)
    assert team.record() == before
    assert "already registered" in project.run("dvc", "repro", env=server.client).stdout
    after = team.record()
    assert (after.versions, after.aliases) == (before.versions, before.aliases)
    assert champion_predicts(team, "@challenger") == champion_predicts(team, "@challenger", server=False)


def champion_predicts(team: Team, version: str, server: bool = True) -> str:
    """What a version predicts for the example's table, by the server or by the laptop's own store."""
    output = team.server.folder / "predicted.csv"
    command = ("predict", "data/raw/penguins.csv", output, "--model", version)
    team.project.run("python", "-m", "penguins", *command, env=team.server.client if server else {})
    return output.read_text(encoding="utf-8")
