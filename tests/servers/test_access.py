"""A tracking server with accounts: each role can do its work, and nothing else."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Bake, installed
from tests.support.baked import Baked
from tests.support.running import Store, replace_in, restored, store
from tests.support.serving import ADMIN, tracking_server

pytestmark = pytest.mark.servers

ACCOUNTS = """\
accounts:
  admin: [admin]
  ci: [trainer, deployer]
  tess: [trainer]
  dora: [deployer]
  vic: [viewer]
"""


@dataclass(frozen=True)
class Team:
    """The project, the server, and the password of each account."""

    project: Baked
    uri: str
    passwords: dict[str, str]

    def env(self, name: str, **more: str) -> dict[str, str]:
        account = {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": self.passwords[name]}
        return {"MLFLOW_TRACKING_URI": self.uri, **account, **more}

    def record(self) -> Store:
        return store(self.project, self.uri, **self.env("admin"))

    def may(self, name: str, *command: str | Path, **env: str) -> str:
        return self.project.run("python", "-m", "penguins", *command, env=self.env(name, **env)).stdout

    def may_not(self, name: str, *command: str | Path, **env: str) -> str:
        """Refused in one line, and nothing has changed."""
        before = self.record()
        said = self.project.refused("python", "-m", "penguins", *command, env=self.env(name, **env))
        assert self.record() == before
        return said


@pytest.fixture(scope="module")
def team(
    baked: Bake, finished: Baked, environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """An account in each role, made by one command, and a first model, which no admin has registered."""
    folder, deploy = tmp_path_factory.mktemp("accounts"), baked(mlflow_tracking_uri="https://localhost").path
    file, passwords = folder / "access.yaml", folder / "passwords.txt"
    roles = (deploy / "deploy/tracking/access.yaml").read_text(encoding="utf-8").partition("accounts:")[0]
    file.write_text(roles + ACCOUNTS, encoding="utf-8")
    programs = installed(deploy / "deploy/tracking/requirements.txt", sys.executable)
    with tracking_server(folder, programs, accounts=True) as uri:
        team = Team(finished, uri, {"admin": ADMIN})
        said = team.project.refused(
            "python", "-m", "penguins", "access", "apply", file, env=team.env("admin")
        )
        assert said == "new: ci, tess, dora, vic; `--passwords FILE` writes their first passwords there"
        made = team.may("admin", "access", "apply", file, "--passwords", passwords)
        assert "account tess: penguins-trainer" in made
        assert passwords.stat().st_mode & 0o077 == 0
        assert team.may("admin", "access", "apply", file) == f"the server is as {file} says\n"
        kept = passwords.read_text(encoding="utf-8").splitlines()
        team.passwords.update((name, word) for name, word in (line.split(": ") for line in kept))
        with restored(finished):
            assert "registered: penguins version 1 @challenger" in team.may("ci", "register", CI="true")
        yield team


def test_a_viewer_looks_and_changes_nothing(team: Team) -> None:
    before = team.record()
    assert "@challenger" in team.may("vic", "models")
    assert "ci (" in team.may("vic", "history")
    team.may("vic", "predict", "data/raw/penguins.csv", "data/predicted.csv", "--model", "@challenger")
    (team.project.path / "data/predicted.csv").unlink()
    assert "experiment  penguins          READ" in team.may("vic", "access", "show")
    assert team.record() == before
    assert "'vic' lacks EDIT on the experiment (403 for " in team.may_not("vic", "validate")
    for command in (
        ("promote", "--reason", "x"),
        ("rollback",),
        ("archive", "1", "--force", "--reason", "x"),
    ):
        said = team.may_not("vic", *command)
        right = "MANAGE" if "archive" in command else "EDIT"
        assert f"'vic' lacks {right} on the registered model 'penguins' (it has READ)" in said
        assert said.endswith("in deploy/tracking/access.yaml and runs `python -m penguins access apply`")


def test_a_trainer_logs_and_moves_no_alias(team: Team) -> None:
    before = {run["id"] for run in team.record().runs}
    with restored(team.project):
        team.may("tess", "train")
    (run,) = (run for run in team.record().runs if run["id"] not in before)
    assert run["tags"]["user"] == "tess"
    assert run["tags"]["user.login"] != "tess"
    with restored(team.project):  # green, though only CI makes versions
        assert "already registered: penguins version 1" in team.may("tess", "register")
    assert "'tess' lacks EDIT on the registered model" in team.may_not("tess", "promote", "--reason", "x")


def test_a_deployer_moves_aliases_and_logs_nothing(team: Team) -> None:
    said = team.may("dora", "promote", "--force", "--reason", "better", CI_JOB_URL="https://ci/job/7")
    assert "@champion none -> 1, @challenger 1 -> none" in said
    # @challenger, which only an admin could delete, stays on the champion and counts as none
    assert team.record().aliases == {"penguins": {"champion": "1", "challenger": "1"}}
    *_, change = json.loads(team.may("vic", "history", "--json"))
    assert (change["command"], change["by"], change["job"]) == ("promote", "dora", "https://ci/job/7")
    assert change["login"] != "dora"
    assert change["host"]
    assert "'dora' lacks EDIT on the experiment (403 for " in team.may_not("dora", "train")
    assert "there is no previous champion" in team.may_not("dora", "rollback")
    assert "promote: @challenger" not in team.may("vic", "history")  # nothing was changed by other means


def test_who_is_no_admin_begins_a_model_in_ci_only(team: Team) -> None:
    with restored(team.project):
        replace_in(team.project.path / "params.yaml", "  name: penguins", "  name: fresh")
        before = team.record()
        assert "judged only: CI registers it" in team.may("ci", "register")
        assert team.record() == before
        assert "registered: fresh version 1 @challenger" in team.may("ci", "register", CI="true")
        # the model exists, but tess may not see it
        said = team.may_not("tess", "register", CI="true")
        assert "'tess' lacks EDIT on the registered model (403 for model-versions/create)" in said


def test_a_wrong_password_and_nobodys_account_are_one_line(team: Team) -> None:
    wrong = Team(team.project, team.uri, {"vic": "not the password", "nobody": "any", "admin": ADMIN})
    for name in ("vic", "nobody"):
        said = wrong.may_not(name, "models")
        assert f"the server knows no account {name!r} with this password (401)" in said
