"""A store in trouble: moved, wiped, dead, forbidding, dying; a line each, and nothing half done."""

import json
import shutil
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.baked import Baked
from tests.support.running import edit, load, store
from tests.support.serving import Proxy, forbidding_server, free_ports

pytestmark = pytest.mark.slow

STAGES = [f"penguins {name}" for name in ("validate", "train", "evaluate", "register")]
COMMANDS = [
    "archive 1 --reason x",
    "cleanup --older-than 1d",
    "find main",
    "gate",
    "history",
    "models",
    "promote --reason x",
    "reproduce @challenger",
    "rollback",
    "tune",
]


def one_line(project: Baked, *command: str, **env: str) -> str:
    """Run what must fail with a line, soon."""
    start = time.monotonic()
    code = 2 if "reproduce" in command else 1  # where 1 is a verdict
    said = project.refused("python", "-m", *command, code=code, env=env)
    assert time.monotonic() - start < 15  # five seconds on a quiet machine; MLflow alone would take minutes
    return said


@pytest.mark.parametrize("command", [*STAGES, *(f"penguins {command}" for command in COMMANDS)])
def test_a_server_that_is_not_there_is_one_line_before_any_work(project: Baked, command: str) -> None:
    before = {file: file.stat().st_mtime_ns for file in project.path.glob("[dmr]*/**/*")}
    uri = f"http://someone:secret@127.0.0.1:{free_ports(1)}"
    said = one_line(project, *command.split(), MLFLOW_TRACKING_URI=uri)
    assert "cannot be reached" in said
    assert "secret" not in said
    assert {file: file.stat().st_mtime_ns for file in project.path.glob("[dmr]*/**/*")} == before


@pytest.mark.parametrize("command", [STAGES[1], STAGES[3], "penguins find main"])
def test_a_server_that_forbids_is_one_line(project: Baked, command: str) -> None:
    with forbidding_server() as url:
        said = one_line(project, *command.split(), MLFLOW_TRACKING_URI=url)
    assert "403" in said
    assert "Invalid Host header" in said


def test_a_server_of_mlflow_2_is_one_line_before_any_work(project: Baked, older_server: str) -> None:
    for command in (STAGES[0], STAGES[1], "penguins promote --reason x"):
        said = one_line(project, *command.split(), MLFLOW_TRACKING_URI=older_server)
        assert "the tracking server is MLflow 2.22." in said
        assert "Upgrade the server, or log to a file of this project" in said
    experiments = f"{older_server}/api/2.0/mlflow/experiments/search?max_results=9"
    with urllib.request.urlopen(experiments, timeout=30) as answer:
        assert [found["name"] for found in json.load(answer)["experiments"]] == ["Default"]


def test_a_server_that_dies_leaves_nothing_half_registered(copy: Baked, tracking_server: str) -> None:
    proxy = Proxy(tracking_server)
    copy.run("git", "rm", "--quiet", "reports/registration.json")
    env = {"MLFLOW_TRACKING_URI": proxy.url, "CI": "true"}

    proxy.fatal = b"/logged-models HTTP"  # not the search for them, by which the server is tried
    edit(copy, "params.yaml", "max_iter: 200", "max_iter: 150")
    failed = copy.run("dvc", "repro", check=False, env=env)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stdout + failed.stderr
    assert "the tracking store failed" in failed.stderr
    assert not copy.has("models/run.json")

    proxy.fatal, proxy.dead = b"/model-versions/create", False
    failed = copy.run("dvc", "repro", check=False, env=env)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stdout + failed.stderr
    assert "the tracking store failed" in failed.stderr
    assert not copy.has("reports/registration.json")
    record = store(copy, tracking_server)
    assert record.versions == []
    assert [run["status"] for run in record.of("penguins")] == ["KILLED", "FINISHED"]

    proxy.fatal, proxy.dead = b"", False
    copy.run("dvc", "repro", env=env)
    record = store(copy, tracking_server)
    run_id = load(copy, "reports/evaluation.json")["run_id"]
    assert [version["run"] for version in record.versions] == [run_id]
    assert record.aliases == {"penguins": {"challenger": "1"}}


def test_a_project_that_was_moved_is_told_and_repaired(finished: Baked, tmp_path: Path) -> None:
    moved = replace(finished, path=tmp_path / "moved")
    shutil.copytree(finished.path, moved.path, symlinks=True)
    before = store(moved)
    for stage in STAGES:
        said = one_line(moved, *stage.split())
        assert said.startswith("mlflow.db: its artifacts are in file:")
        assert "`python -m penguins repair-paths`" in said
    assert store(moved) == before
    moved.run("python", "-m", "penguins", "repair-paths")
    assert "nothing to repair" in moved.run("python", "-m", "penguins", "repair-paths").stdout

    artifacts = finished.path / "mlruns"
    hidden = artifacts.rename(artifacts.with_name("hidden"))
    try:
        script = 'import mlflow; print(mlflow.pyfunc.load_model("models:/penguins@challenger"))'
        moved.run("python", "-c", script, env={"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"})
        assert [run["artifacts"] for run in store(moved).runs] == [run["artifacts"] for run in before.runs]
        edit(moved, "params.yaml", "max_iter: 200", "max_iter: 190")
        moved.run("dvc", "repro")
        assert not artifacts.exists()
    finally:
        hidden.rename(artifacts)


@pytest.mark.parametrize("trouble", ["wiped", "deleted"])
def test_an_evaluation_whose_training_run_is_gone_is_a_run_of_its_own(
    copy: Baked, finished: Baked, trouble: str
) -> None:
    trained = load(copy, "models/run.json")
    if trouble == "deleted":
        for name in ("mlflow.db", "mlruns"):
            (shutil.copytree if name == "mlruns" else shutil.copy)(finished.path / name, copy.path / name)
        copy.run("python", "-m", "penguins", "repair-paths")
        copy.run("mlflow", "runs", "delete", "--run-id", trained["run_id"])
    edit(copy, "params.yaml", "  groups:\n  - island\n", "  groups:\n")
    said = copy.run("dvc", "repro").stdout
    assert "Stage 'train' didn't change, skipping" in said
    run = store(copy).of("penguins")[-1]
    assert run["tags"]["forked.from"] == trained["run_id"]
    assert run["params"]["evaluate.groups"] == "['sex']"
    assert run["status"] == "FINISHED"
    assert load(copy, "reports/registration.json")["run_id"] == run["id"]
    assert len(run["models"]) == 1
