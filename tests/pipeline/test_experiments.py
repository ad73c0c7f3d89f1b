"""Experiments: many at once, failing, killed, renamed, applied; and what MLflow says of each."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.baked import Baked, cookiecutter, run
from tests.support.running import commit, edit, store

pytestmark = pytest.mark.slow

METRICS = "penguins/metrics.py"
ACCURACY = '        "accuracy": metrics.accuracy_score(actual, predicted),\n'
ITERATIONS = (20, 25, 40)


def wait(until: Callable[[], bool], seconds: int = 900) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.5)


def start(project: Baked, *command: str) -> subprocess.Popen[bytes]:
    """Start a program; DVC's workers outlive theirs, and would hold its output open."""
    folders = filter(None, (project.shims, project.bin))
    env = {**os.environ, "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]])}
    return subprocess.Popen(
        command,
        cwd=project.path,
        env=env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def queue_is_done(project: Baked) -> bool:
    said = project.run("dvc", "queue", "status").stdout
    return "Running" not in said and "Queued" not in said


def shown(project: Baked) -> dict[str, dict[str, Any]]:
    """The content of reports/metrics.json by experiment, as `dvc exp show` has it."""
    rows = json.loads(project.run("dvc", "exp", "show", "--json").stdout)
    found = {}
    for baseline in rows:
        for experiment in baseline["experiments"] or []:
            for revision in experiment["revs"]:
                metrics = (revision["data"] or {}).get("metrics") or {}
                if file := metrics.get("reports/metrics.json"):
                    found[experiment["name"]] = file["data"]
    return found


def run_of(project: Baked, experiment: str) -> str:
    """The MLflow run that the commit of an experiment names."""
    refs = ("git", "for-each-ref", "--format=%(objectname)", f"refs/exps/**/{experiment}")
    (commit,) = project.run(*refs).stdout.split()
    named = json.loads(project.run("git", "show", f"{commit}:reports/evaluation.json").stdout)
    return str(named["run_id"])


def test_many_at_once_on_a_fresh_store(copy: Baked) -> None:
    """Three good trials and a bad one on four workers; then one is renamed, found and taken over."""
    edit(copy, METRICS, ACCURACY, f'{ACCURACY}        "queued": 1.0,\n')
    for iterations in ITERATIONS:
        parameter = f"model.hist_gradient_boosting.max_iter={iterations}"
        copy.run("dvc", "exp", "run", "--queue", "--name", f"trial-{iterations}", "-S", parameter)
    bad = ("-S", "model.type=sklearn.naive_bayes.CategoricalNB")
    copy.run("dvc", "exp", "run", "--queue", "--name", "bad", *bad)
    # a queued trial runs what was queued
    edit(copy, METRICS, '"queued": 1.0', '"edited": 1.0')
    start(copy, "dvc", "queue", "start", "--jobs", "4").wait()
    wait(lambda: queue_is_done(copy))
    copy.run("dvc", "queue", "stop")

    status = dict(re.findall(r"^\w{7} +(\S+) .* (\w+)$", copy.run("dvc", "queue", "status").stdout, re.M))
    assert status["bad"] == "Failed"
    assert {status[f"trial-{iterations}"] for iterations in ITERATIONS} == {"Success"}
    record = store(copy)
    runs = {run["tags"]["dvc.experiment"]: run for run in record.of("penguins")}
    assert set(runs) == {"bad", *(f"trial-{iterations}" for iterations in ITERATIONS)}
    assert len(runs) == len(record.runs)  # none twice, and none in the Default experiment
    assert record.versions == []
    head = copy.run("git", "rev-parse", "HEAD").stdout.strip()
    rows = shown(copy)
    for iterations in ITERATIONS:
        run = runs[f"trial-{iterations}"]
        assert run["status"] == "FINISHED"
        assert run["params"]["model.hist_gradient_boosting.max_iter"] == str(iterations)
        assert {"params.yaml", "plots", "groups.csv", "code.diff"} <= set(run["artifacts"])
        assert run["tags"]["dvc.baseline"] == head
        row = rows[f"trial-{iterations}"]
        assert run_of(copy, f"trial-{iterations}") == run["id"]
        assert not any(isinstance(value, str) for value in row.values())  # `dvc metrics diff` shows them
        for metric in ("accuracy", "log_loss", "queued"):
            assert run["metrics"][metric] == row[metric]
        assert "edited" not in run["metrics"]
    assert len({run["metrics"]["log_loss"] for run in runs.values() if run["metrics"]}) > 1
    assert runs["bad"]["status"] == "FAILED"
    assert "CategoricalNB cannot be fitted" in runs["bad"]["tags"]["failure"]

    chosen = runs["trial-40"]
    copy.run("dvc", "exp", "rename", "trial-40", "chosen")
    for name in ("chosen", chosen["id"][:8]):
        (found,) = json.loads(copy.run("python", "-m", "penguins", "find", name, "--json").stdout)
        assert found["run"] == chosen["id"]
        assert found["experiments"][0].startswith("chosen (")

    apply = ("python", "-m", "penguins", "apply")
    assert copy.refused(*apply, "chosen").startswith(f"{METRICS}: not committed")
    assert '"edited": 1.0' in copy.read(METRICS)
    copy.run("git", "stash")
    copy.run(*apply, "chosen")
    after = store(copy)
    (version,) = after.versions
    assert version["run"] == chosen["id"]
    assert len(after.runs) == len(record.runs)
    copy.run("dvc", "repro")
    assert (store(copy).versions, len(store(copy).runs)) == ([version], len(record.runs))

    # what is applied is kept as an experiment, so that another one may take its place
    copy.run(*apply, "trial-20")
    assert store(copy).versions[-1]["run"] == runs["trial-20"]["id"]
    commit(copy, "Take trial-20")
    (found,) = json.loads(copy.run("python", "-m", "penguins", "find", "main", "--json").stdout)
    assert (found["run"], found["commits"][0][-13:]) == (runs["trial-20"]["id"], "Take trial-20")
    assert "would undo what was committed since" in copy.refused(*apply, "trial-25")


def test_where_the_path_has_letters_outside_ascii(finished: Baked, tmp_path: Path) -> None:
    """The queue's command says so, before any work; and what the docs say works."""
    path = tmp_path / "josé"
    shutil.copytree(finished.path, path, symlinks=True, ignore=shutil.ignore_patterns("mlflow.db", "mlruns"))
    project = replace(finished, path=path)
    for command, said in (("check", "stdout"), ("tune", "stderr")):
        done = project.run(
            "python", "-m", "penguins", command, *["--queue"] * (command == "tune"), check=False
        )
        assert f"{path}/.dvc/cache: the path has letters outside ASCII" in getattr(done, said)
    (path / ".dvc/cache").rename(tmp_path / "cache")
    project.run("dvc", "cache", "dir", "--local", tmp_path / "cache")
    project.run("dvc", "exp", "run", "--temp", "--name", "works")
    assert "works" in project.run("dvc", "exp", "list").stdout


def test_in_a_folder_of_a_larger_repository(finished: Baked, tmp_path: Path) -> None:
    """Baked there beside another, as a how-to says; every command that asks git about paths."""
    run(tmp_path, "git", "init", "--quiet", "--initial-branch=main")
    (tmp_path / "other.txt").write_text("of another project\n")
    cookiecutter(tmp_path, "--no-input")
    cookiecutter(tmp_path, "--no-input", "project_name=Bill length", "task=regression")
    project = replace(finished, path=tmp_path / "penguins")
    shutil.copytree(finished.path / ".dvc" / "cache", project.path / ".dvc" / "cache", dirs_exist_ok=True)
    run(tmp_path, "git", "add", "--all")
    commit(project, "Start")
    project.run("dvc", "repro")  # what the cache has, as in a fresh clone
    commit(project, "Run the pipeline")
    project.run("dvc", "push")

    def penguins(*command: str) -> str:
        return project.run("python", "-m", "penguins", *command).stdout

    def found(name: str) -> Any:
        (only,) = json.loads(penguins("find", name, "--json"))
        return only

    few = ("-S", "model.hist_gradient_boosting.max_iter=30")
    project.run("dvc", "exp", "run", "--temp", "--name", "tried", *few)
    assert found("main")["commits"][0].endswith("Run the pipeline")
    (tmp_path / "other.txt").write_text("edited\n")
    said = project.refused("python", "-m", "penguins", "apply", "tried")
    assert said.startswith("other.txt: not committed")
    project.run("git", "restore", ":/other.txt")
    penguins("apply", "tried")
    commit(project, "Take tried")
    project.run("dvc", "push")
    assert found("main")["experiments"][0].startswith("tried (")
    assert "dvc.lock is up to date" in penguins("check")
    assert "it is" in penguins("promote", "--reason", "a test")
    assert "reproduce: identical" in penguins("reproduce", "@champion")
    penguins("report", "--against", "HEAD~1")
    assert "max_iter" in project.read("reports/report.md")
    assert "nothing is unneeded" in penguins("cleanup", "--older-than", "0d")
    edit(project, "params.yaml", "  trials: 40", "  trials: 1")
    commit(project, "One trial")
    assert "1: 1 complete" in penguins("tune", "--queue", "--dry-run")


RUNNING = """
SELECT run_uuid, process.value FROM runs JOIN tags AS experiment USING (run_uuid)
JOIN tags AS process USING (run_uuid) WHERE status = 'RUNNING' AND process.key = 'process'
AND experiment.key = 'dvc.experiment' AND experiment.value = ?
"""


def running(project: Baked, experiment: str) -> list[tuple[str, str]]:
    """Each run of an experiment that runs now, and its process: asked often, so of the database itself."""
    with closing(sqlite3.connect(project.path / "mlflow.db")) as database:
        return database.execute(RUNNING, [experiment]).fetchall()


def closed(project: Baked, run: str) -> dict[str, Any]:
    """The run once its process has gone, for which the system takes its time, and a stage has looked."""

    def found() -> dict[str, Any]:
        project.run("python", "-m", "penguins", "validate")
        (same,) = (r for r in store(project).runs if r["id"] == run)
        return same

    wait(lambda: bool(found()["status"] != "RUNNING"), 30)
    return found()


SLOW = ("-S", "model.type=random_forest", "-S", "model.random_forest.n_estimators=9000")


def test_a_killed_worker_leaves_nothing_running(project: Baked) -> None:
    project.run("dvc", "exp", "run", "--queue", "--name", "killed", *SLOW)
    start(project.cold, "dvc", "queue", "start").wait()
    wait(lambda: bool(running(project, "killed")), 180)
    ((run, of),) = running(project, "killed")
    os.killpg(os.getpgid(int(of.split()[2])), signal.SIGKILL)
    ended = closed(project, run)
    assert ended["status"] == "KILLED"
    assert "ended without closing the run" in ended["tags"]["failure"]
    # as the README says
    project.run("dvc", "queue", "kill", "--force", "killed")
    assert "Failed" in project.run("dvc", "queue", "status").stdout
    project.run("dvc", "queue", "remove", "--all")
    assert project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.parametrize(
    ("how", "status"), [(signal.SIGINT, "FAILED"), (signal.SIGTERM, "FAILED"), (signal.SIGKILL, "KILLED")]
)
def test_an_experiment_that_is_stopped_loses_no_edits(
    project: Baked, how: signal.Signals, status: str
) -> None:
    edit(project, "README.md", "## Run it", "## Run it, please")
    name = f"stopped-by-{how.name.lower()}"
    process = start(project.cold, "dvc", "exp", "run", "--name", name, *SLOW)
    wait(lambda: bool(running(project, name)), 180)
    ((run, _),) = running(project, name)
    os.killpg(process.pid, how)
    process.wait(30)
    assert closed(project, run)["status"] == status
    project.run("git", "switch", "main")  # as the README says; nothing to do after Ctrl-C
    assert project.run("git", "branch", "--show-current").stdout.strip() == "main"
    assert "## Run it, please" in project.read("README.md")
    project.run("git", "restore", "--staged", "--worktree", "params.yaml")  # where DVC wrote the trial's
    project.run("dvc", "repro", "train")  # from the cache; nothing is locked
