"""The life of a model version, as people live it with the commands, each in a store of its own."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.baked import Baked
from tests.support.running import store

pytestmark = pytest.mark.slow


class Team:
    """A project with one version in a store of its own, and its commands."""

    def __init__(self, project: Baked, uri: str) -> None:
        self.project, self.uri = project, uri
        self.python("-m", "penguins", "register")

    @property
    def env(self) -> dict[str, str]:
        return {"MLFLOW_TRACKING_URI": self.uri, "CI": "true"}  # on a server only CI makes versions

    def python(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.project.run("python", *arguments, check=check, env=self.env)

    def __call__(self, *arguments: str, check: bool = True) -> str:
        return self.python("-m", "penguins", *arguments, check=check).stdout

    def refuses(self, *arguments: str) -> str:
        return self.project.refused("python", "-m", "penguins", *arguments, env=self.env)

    def list(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def aliases(self) -> dict[str, str]:
        return store(self.project, self.uri).aliases["penguins"]

    def copy_version(self) -> None:
        self.python("-c", COPY)


COPY = """
from penguins.engine.tracking import store
client = store.connect()
first = client.get_model_version("penguins", "1")
model = first.source.removeprefix("models:/")
client.create_model_version("penguins", first.source, first.run_id, tags=first.tags, model_id=model)
"""


@pytest.fixture
def team(copy: Baked) -> Team:
    return Team(copy, "sqlite:///mlflow.db")


def test_a_commit_that_was_rewritten_is_promoted_and_made_again(team: Team, tmp_path: Path) -> None:
    """A request was squashed: in a fresh clone the run's commit is not there, but its files are."""
    project = team.project
    project.run("dvc", "push")
    gone = project.run("git", "rev-parse", "HEAD").stdout.strip()
    (project.path / "NOTES.md").write_text("Written after the run.\n")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--amend", "--message", "Squashed")
    clone = replace(project, path=tmp_path / "clone")
    project.run("git", "clone", "--quiet", "--no-local", ".", clone.path)
    clone.run("dvc", "pull", "--quiet")
    assert clone.run("git", "cat-file", "-e", gone, check=False).returncode

    env = {"MLFLOW_TRACKING_URI": f"sqlite:///{project.path}/mlflow.db"}
    said = clone.run("python", "-m", "penguins", "promote", "--reason", "merged", env=env).stdout
    assert "@champion none -> 1" in said
    said = clone.run("python", "-m", "penguins", "reproduce", "@champion", env=env).stdout
    assert "reproduce: identical" in said
    assert f"{gone[:7]} is gone" in " ".join(said.split())


MOVE = """
from penguins.engine.tracking import store
store.connect().set_registered_model_alias("penguins", "champion", "1")
"""


def test_what_there_is_not_is_one_line(team: Team) -> None:
    said = "9: no version of 'penguins' has this number or alias; there are: 1 @challenger"
    assert team.refuses("promote", "9", "--reason", "") == said
    team.python("-c", MOVE)  # as somebody does in MLflow's pages
    assert "there is no previous champion" in team.refuses("rollback")
    assert [change["command"] for change in team.list("history")] == ["register", "outside these commands"]
    team.uri = "sqlite:///empty.db"
    for command in (("models",), ("rollback",), ("promote", "1", "--reason", "")):
        assert team.refuses(*command).startswith("the tracking store has no model 'penguins'")


PROMOTE = """
import sys, time
from pathlib import Path
from penguins import __main__
from penguins.engine.commands import promote

folder, version, other = sys.argv[1:]
quality = promote.quality

def judged_together(*arguments):
    gates = quality(*arguments)
    (Path(folder) / version).touch()
    while not (Path(folder) / other).exists():
        time.sleep(0.05)
    return gates

promote.quality = judged_together
sys.argv = ["penguins", "promote", version, "--reason", "me first", "--force"]
__main__.main()
"""


def race(team: Team, folder: Path) -> None:
    """Let two processes decide on the same state, and then promote different versions."""
    team.copy_version()
    folder.mkdir()
    env = {**os.environ, "MLFLOW_TRACKING_URI": team.uri}
    programs = team.project.shims or team.project.bin
    assert programs is not None
    processes = [
        subprocess.Popen(
            [programs / "python", "-c", PROMOTE, str(folder), one, other],
            cwd=team.project.path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for one, other in (("1", "2"), ("2", "1"))
    ]
    said = [process.communicate(timeout=180) for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 1], said
    winner, loser = str(1 + codes.index(0)), said[codes.index(1)][1].splitlines()
    assert len(loser) == 1
    assert f"changed an alias of 'penguins' meanwhile (promote: @champion none -> {winner}" in loser[0]
    assert team.aliases()["champion"] == winner
    (promoted,) = (change for change in team.list("history") if change["command"] == "promote")
    assert promoted["after"]["champion"] == winner


def test_of_two_promotions_at_once_one_wins(team: Team, tmp_path: Path) -> None:
    race(team, tmp_path / "race")


def test_of_two_promotions_at_once_on_a_server_one_wins(
    copy: Baked, tracking_server: str, tmp_path: Path
) -> None:
    race(Team(copy, tracking_server), tmp_path / "race")


PREDICT = """
import sys, mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/penguins/1")
print(len(model.predict(pd.read_csv("data/raw/penguins.csv"))))
"""


def test_cleanup_leaves_what_is_needed(team: Team) -> None:
    project = team.project
    (registered,) = (run["id"] for run in store(project, team.uri).of("penguins"))
    project.run("dvc", "exp", "run", "--temp", "-S", "model.hist_gradient_boosting.max_iter=5")
    team.python("-m", "penguins", "train")
    trials = [run["id"] for run in store(project, team.uri).of("penguins") if run["id"] != registered]
    experiment, abandoned = trials
    assert team.list("cleanup", "--older-than", "0d")["unneeded"] == []  # it is in the workspace
    project.run("dvc", "checkout", "--quiet", "--force")

    shown = team.list("cleanup", "--older-than", "0d")
    assert {item["what"] for item in shown["unneeded"]} == {"run", "model"}
    assert shown["unneeded"][0]["id"] == abandoned
    assert (shown["deleted"], shown["space_after"]) == (False, shown["space_before"])
    folders = [
        project.path / "mlruns" / abandoned,
        *(project.path / "mlruns/models").glob(shown["unneeded"][1]["id"]),
    ]
    assert all(folder.is_dir() for folder in folders)

    done = team.list("cleanup", "--older-than", "0d", "--apply")
    freed = sum(item["bytes"] for item in done["unneeded"])
    assert done["space_before"] - done["space_after"] >= freed > 10_000
    assert not any(folder.exists() for folder in folders)
    assert [run["id"] for run in store(project, team.uri).of("penguins")] == [registered, experiment]
    assert team.python("-c", PREDICT, team.uri).stdout.strip() == "344"
