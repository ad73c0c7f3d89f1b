"""`tune`, for real: killed and gone on with, on a cluster that loses a worker, through DVC's queue."""

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.baked import Baked, messages
from tests.support.cluster import cluster, kill, started
from tests.support.running import edit, store
from tests.support.serving import free_ports

pytestmark = pytest.mark.slow


@pytest.fixture
def bad(project: Baked) -> Baked:
    """The project with parameters that are easily bettered, and without what was tried before."""
    (project.path / "tune.db").unlink(missing_ok=True)
    edit(
        project,
        "params.yaml",
        "learning_rate: 0.1\n    max_iter: 200",
        "learning_rate: 0.01 # low\n    max_iter: 5",
    )
    edit(project, "params.yaml", "  metric: log_loss\n", "  metric: f1_macro\n")
    return project


def trials(project: Baked) -> dict[int, str]:
    """The state of each trial, as the study's file has it."""
    try:
        with closing(sqlite3.connect(f"file:{project.path / 'tune.db'}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT number, state FROM trials ORDER BY number"))
    except sqlite3.OperationalError:  # it is being made
        return {}


def until(condition: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def told(project: Baked) -> int:
    return sum(state not in ("RUNNING", "WAITING") for state in trials(project).values())


def search_of(project: Baked) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The run of the last search, and those of its trials by number."""
    runs = store(project).of("penguins")
    parent = [run for run in runs if "search" in run["tags"]][-1]
    children = [run for run in runs if run["tags"].get("mlflow.parentRunId") == parent["id"]]
    return parent, sorted(children, key=lambda run: int(run["tags"]["search.trial"]))


def test_a_killed_search_goes_on_and_its_best_is_written(bad: Baked) -> None:
    before, versions = bad.read("params.yaml"), len(store(bad).versions)
    tune = ("python", "-m", "penguins", "tune", "--trials", "8")
    with started(bad, *tune) as process:
        until(lambda: told(bad) >= 2)
        kill(process)
    assert "RUNNING" in trials(bad).values()
    dry = bad.run(*tune, "--dry-run").stdout
    assert bad.read("params.yaml") == before
    assert "params.yaml is as it was" in dry
    assert list(trials(bad)) == list(range(8))
    assert "RUNNING" not in trials(bad).values()
    parent, children = search_of(bad)
    assert (parent["name"].rpartition("-")[0], parent["status"]) == ("penguins-tune", "FINISHED")
    assert parent["digests"]["search"] == store(bad).of("penguins")[0]["digests"]["training"]
    assert {"history.png", "params.yaml"} <= set(parent["artifacts"])
    numbers = [int(run["tags"]["search.trial"]) for run in children if run["status"] == "FINISHED"]
    assert numbers == list(range(8))  # each once, whatever was running when it was killed
    assert all("cv/f1_macro" in run["metrics"] or "pruned" in run["tags"] for run in children)
    assert store(bad).of("Default") == []

    said = bad.run(*tune).stdout
    assert told(bad) == 8
    changed = {line for line in bad.read("params.yaml").splitlines() if line not in before.splitlines()}
    assert changed
    assert {line[1:] for line in said.splitlines() if line.startswith("+ ")} == changed
    removed = {line[1:] for line in said.splitlines() if line.startswith("- ")}
    kept = [line for line in bad.read("params.yaml").splitlines() if line not in changed]
    assert kept == [line for line in before.splitlines() if line not in removed]
    assert len(store(bad).versions) == versions  # until `dvc repro`, as in the tutorial
    assert not bad.run("git", "status", "--porcelain", "--", "tune.db", "reports/tuning").stdout


def test_ctrl_c_keeps_what_was_tried(bad: Baked) -> None:
    before = bad.read("params.yaml")
    with started(bad, "python", "-m", "penguins", "tune", "--trials", "50", "--jobs", "2") as process:
        until(lambda: told(bad) >= 2)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=180)
    assert process.returncode == 1
    assert "params.yaml is as it was; run the same command again to continue" in said
    assert "error: interrupted" in said
    assert "Traceback" not in said
    assert bad.read("params.yaml") == before
    parent, _ = search_of(bad)
    assert (parent["status"], parent["tags"]["failure"]) == ("FAILED", "interrupted")


def test_a_change_of_tune_runs_no_stage(project: Baked) -> None:
    edit(project, "params.yaml", "  trials: 40", "  trials: 50")
    assert project.run("dvc", "status", "validate", "train", "evaluate").stdout.count("changed") == 0


@pytest.mark.servers
def test_a_cluster_that_loses_a_worker_tells_every_trial_once(bad: Baked, tmp_path: Path) -> None:
    with cluster(bad, tmp_path, workers=2) as (address, workers):
        tune = ("python", "-m", "penguins", "tune", "--trials", "12", "--scheduler", address)
        with started(bad, *tune) as process:
            until(lambda: told(bad) >= 3)
            kill(workers[0])
            said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert list(trials(bad)) == list(range(12))
    assert set(trials(bad).values()) <= {"COMPLETE", "PRUNED"}
    _, children = search_of(bad)
    assert [int(run["tags"]["search.trial"]) for run in children] == list(range(12))
    assert "now `dvc repro`" in said


@pytest.mark.servers
def test_a_cluster_judges_as_this_process_does(bad: Baked, tmp_path: Path) -> None:
    """Also code that was edited since its workers saw the code of before."""

    def scores(*where: str) -> list[dict[str, float]]:
        (bad.path / "tune.db").unlink(missing_ok=True)
        bad.run("python", "-m", "penguins", "tune", "--trials", "2", "--dry-run", *where)
        return [run["metrics"] for run in search_of(bad)[1]]

    with cluster(bad, tmp_path, workers=1) as (address, _):
        before = scores("--scheduler", address)
        metrics = '"f1_macro": metrics.f1_score(actual'
        edit(bad, "penguins/metrics.py", metrics, metrics.replace("metrics.", "0.5 * metrics."))
        after = scores("--scheduler", address)
    assert after == scores()
    assert after[0]["cv/f1_macro"] == before[0]["cv/f1_macro"] / 2


STUMP = """
from sklearn.tree import DecisionTreeClassifier

__version__ = "1.0"


class Stump(DecisionTreeClassifier):
    pass
"""


@pytest.mark.servers
def test_workers_that_lack_the_library_of_a_model_are_one_line_before_any_trial(
    bad: Baked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a class of the package, wherever it is there, goes to them."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # of the workers
    (tmp_path / "here").mkdir()
    (tmp_path / "here/stumps.py").write_text(STUMP, encoding="utf-8")  # a library that they do not have
    (bad.path / "penguins/own").mkdir()
    (bad.path / "penguins/own/stumps.py").write_text(STUMP, encoding="utf-8")
    for stage in ("train", "evaluate"):
        line = f"      - penguins/stages/{stage}.py\n"
        edit(bad, "dvc.yaml", line, f"{line}      - penguins/own/stumps.py\n")
    text, start = bad.read("params.yaml"), "\ntune:"

    def search(types: str, address: str) -> "subprocess.CompletedProcess[str]":
        blocks = "".join(f"  {name}: {{max_depth: 1}}\n" for name in types.split(", "))
        params = text[: text.index(start)].replace("\nmodel:\n", f"\nmodel:\n{blocks}", 1)
        params += f"\ntune: {{trials: 2, space: {{model: {{type: {{choice: [{types}]}}}}}}}}\n"
        (bad.path / "params.yaml").write_text(params, encoding="utf-8")
        command = ("python", "-m", "penguins", "tune", "--dry-run", "--scheduler", address)
        return bad.run(*command, check=False, env={"PYTHONPATH": str(tmp_path / "here")})

    with cluster(bad, tmp_path, workers=1) as (address, _):
        refused = search("penguins.own.stumps.Stump, stumps.Stump", address)
        assert refused.returncode == 1
        (line,) = messages(refused.stderr)
        assert line.startswith(f"error: {address}: No module named 'stumps' on the worker tcp://")
        assert "what the model imports" in line
        assert not trials(bad)
        (tmp_path / "stumps.py").write_text(STUMP.replace("1.0", "0.9"), encoding="utf-8")
        assert "stumps is 0.9 on the worker" in search("stumps.Stump", address).stderr
        done = search("penguins.own.stumps.Stump", address)
        assert done.returncode == 0, done.stderr
        assert set(trials(bad).values()) <= {"COMPLETE", "PRUNED"}


def test_a_cluster_that_is_not_there_is_one_line(bad: Baked) -> None:
    port = free_ports(1)
    start = time.monotonic()
    said = bad.refused("python", "-m", "penguins", "tune", "--scheduler", f"tcp://127.0.0.1:{port}")
    assert said.startswith(f"tcp://127.0.0.1:{port}: no scheduler answers")
    assert time.monotonic() - start < 20  # of which the imports take most
    assert not trials(bad)


ANY_PARAMETER = """
tune:
  trials: 3
  space:
    split: {seed: {choice: [42, 7]}}
    model: {logistic_regression: {solver: {choice: [lbfgs, liblinear]}}}
"""


def test_the_queue_searches_any_parameter(bad: Baked) -> None:
    """With experiments that fail, while the others go on; and nothing is left behind."""
    text = bad.read("params.yaml").replace("type: hist_gradient_boosting", "type: logistic_regression")
    text = text.replace("C: 1.0", "C: 0.7")  # which no other test has run: DVC's cache would log no run
    (bad.path / "params.yaml").write_text(text[: text.index("\ntune:")] + ANY_PARAMETER, encoding="utf-8")
    said = bad.refused("python", "-m", "penguins", "tune")
    assert "tune.space.split: only features and model are searched without --queue" in said

    command = ("python", "-m", "penguins", "tune", "--queue", "--jobs", "2", "--dry-run")
    assert "evaluated on the test rows" in bad.run(*command).stdout
    states = trials(bad)
    parent, children = search_of(bad)
    assert list(states) == [0, 1, 2]
    assert [int(run["tags"]["search.trial"]) for run in children] == list(states)
    metrics = {}
    for run, state in zip(children, states.values(), strict=True):
        fails = run["params"].get("model.logistic_regression.solver") == "liblinear"  # of three classes
        assert (run["status"], state) == (("FAILED", "FAIL") if fails else ("FINISHED", "COMPLETE"))
        if not fails:
            (ref,) = bad.run(
                "git", "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{run['tags']['dvc.experiment']}"
            ).stdout.split()
            metrics[ref] = json.loads(bad.run("git", "show", f"{ref}:reports/metrics.json").stdout)[
                "f1_macro"
            ]
    assert 0 < len(metrics) < 3
    assert parent["metrics"]["f1_macro"] == max(metrics.values())
    queue = bad.run("dvc", "queue", "status").stdout
    assert "Running" not in queue
    assert "Queued" not in queue
    until(lambda: "0 active, 0 idle" in bad.run("dvc", "queue", "status").stdout, 30)
    assert f"{len(metrics)} complete" in bad.run(*command).stdout  # nothing is run again
    assert trials(bad) == states
