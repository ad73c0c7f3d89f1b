"""The whole of `mlflow run`: in a finished project without a network, and of a repository of git."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.support.baked import Baked, run
from tests.support.running import commit, edit, store

pytestmark = [pytest.mark.slow, pytest.mark.servers]

NONE: Mapping[str, str] = MappingProxyType({})
URL = "https://git.example/team/penguins.git"
LIMIT = "500"  # seconds


def mlflow_run(
    project: Baked, folder: Path, *what: str, env: Mapping[str, str] = NONE, network: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Type `mlflow run` in a folder, as a process of its own, with the project's real programs."""
    apart = [] if network else ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode:
        apart = []  # this machine does not allow it
    words = ("timeout", LIMIT, "mlflow", "run", *what, "--env-manager", "local")
    return run(folder, *apart, *words, check=False, bin=project.bin, env=env)


def change(project: Baked) -> None:
    """Change the code of train, so that it has to run, but not what comes of it."""
    (project.path / "penguins/models.py").write_text(project.read("penguins/models.py") + "# a change\n")


def launcher_in(project: Baked, uri: str = "sqlite:///mlflow.db") -> dict[str, Any]:
    """Return the run that `mlflow run` opened last."""
    found: dict[str, Any] = store(project, uri).of("Default")[-1]
    return found


def assert_links(launcher: dict[str, Any], to: dict[str, Any]) -> None:
    assert launcher["status"] == "FINISHED"
    tags = launcher["tags"]
    assert (tags["launcher"], tags["launched"]) == ("mlflow run", to["id"])
    assert f"[{to['name']}](<" in tags["mlflow.note.content"]
    assert f"/runs/{to['id']}>)" in tags["mlflow.note.content"]
    assert launcher["models"] == []  # which are the other's


def test_a_stage_and_the_whole_are_as_dvc_repro_makes_them(
    finished: Baked, copy: Baked, tmp_path: Path
) -> None:
    (by_dvc, *_) = store(finished).of("penguins")
    change(copy)
    done = mlflow_run(copy, copy.path, ".", "-e", "train", network=False)
    assert done.returncode == 0, done.stderr
    held = store(copy)
    (trained,) = held.of("penguins")
    assert_links(held.of("Default")[-1], trained)
    assert trained["params"] == by_dvc["params"]
    assert held.versions == []

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = mlflow_run(copy, elsewhere, str(copy.path), network=False)
    assert done.returncode == 0, done.stderr
    held = store(copy)
    (whole,) = held.of("penguins")
    assert whole["id"] == trained["id"]
    assert (whole["params"], whole["status"]) == (by_dvc["params"], "FINISHED")
    # and what tells of the change
    assert {name.split(".")[0] for name in {*whole["tags"]} ^ {*by_dvc["tags"]}} <= {"git"}
    assert {name.split(".")[0] for name in {*whole["artifacts"]} ^ {*by_dvc["artifacts"]}} == {"code"}
    assert whole["metrics"].keys() == by_dvc["metrics"].keys() >= {"accuracy", "f1_macro"}
    differ = {name for name, value in whole["metrics"].items() if value != by_dvc["metrics"][name]}
    assert differ <= {"latency_ms", "batch_latency_ms"}
    assert [(version["version"], version["run"]) for version in held.versions] == [("1", whole["id"])]
    assert len(held.of("Default")) == 1  # the second launcher is where it was started, and nothing else is
    outside = f"sqlite:///{elsewhere}/mlflow.db"
    assert_links(launcher_in(copy, outside), whole)
    assert store(copy, outside).of("penguins") == []
    assert copy.run("dvc", "status", "evaluate", "train").stdout.strip().endswith("up to date.")


def test_a_repository_needs_a_server_and_a_remote_and_with_both_it_runs(
    copy: Baked, tmp_path: Path, tracking_server: str
) -> None:
    bare, elsewhere = tmp_path / "bare.git", tmp_path / "elsewhere"
    elsewhere.mkdir()
    change(copy)
    commit(copy, "A change")
    copy.run("git", "clone", "--quiet", "--bare", ".", bare)
    # git fetches from the folder, which MLflow itself would take for a project
    env = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{bare.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": URL,
        "TMPDIR": str(elsewhere),
    }

    def refused(**more: str) -> str:
        done = mlflow_run(copy, elsewhere, URL, env={**env, **more})
        assert done.returncode == 1
        lines = [line for line in done.stderr.splitlines() if not re.match(r"\d{4}/\d\d/\d\d ", line)]
        assert len(lines) == 1, done.stderr  # but for what MLflow logs
        return lines[0]

    fetched = "error: `mlflow run` has fetched this project into a temporary folder, "
    assert refused().startswith(f"{fetched}and its runs would be lost there: set MLFLOW_TRACKING_URI")
    server = {"MLFLOW_TRACKING_URI": tracking_server}
    remote = "../../penguins-dvc-remote"
    assert refused(**server).startswith(f"{fetched}where DVC's remote {remote} does not exist: `python -m")

    edit(copy, ".dvc/config", remote, str(tmp_path / "remote"))
    copy.run("dvc", "push")
    commit(copy, "A remote for all")
    copy.run("git", "push", "--quiet", bare, "HEAD")
    done = mlflow_run(copy, elsewhere, URL, env={**env, **server})
    assert done.returncode == 0, done.stderr
    held = store(copy, tracking_server)
    (made,) = held.of("penguins")
    assert made["tags"]["git.commit"] == copy.run("git", "rev-parse", "HEAD").stdout.strip()
    assert {"accuracy", "baseline.accuracy"} <= made["metrics"].keys()
    assert "judged only: CI registers it" in done.stdout  # as in any clone with a server
    launcher = held.of("Default")[-1]
    assert launcher["tags"]["mlflow.source.name"] == URL
    assert_links(launcher, made)
    assert not copy.has("mlflow.db")
