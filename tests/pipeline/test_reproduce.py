"""A run made again from its record: of every kind, away from the workspace, and judged truly."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.baked import Baked, messages
from tests.support.running import edit, load, restored, store

pytestmark = pytest.mark.slow

DATA = "data/raw/penguins.csv"
LEARNING_RATE = "model.hist_gradient_boosting.learning_rate"
VERDICT = """INSERT INTO "tags" VALUES('reproduced'"""
CONSTANT = """
from pathlib import Path

ROWS = len((Path(__file__).with_name("constant.bin")).read_bytes())
"""


@dataclass(frozen=True)
class Recorded:
    """A project in which runs of every kind were recorded, and is as committed since."""

    project: Baked
    runs: dict[str, str]


@pytest.fixture(scope="module")
def recorded(finished: Baked) -> Recorded:
    """Run the pipeline in the workspace with uncommitted code, and in the queue."""
    runs = {"committed": store(finished).versions[0]["run"]}
    with restored(finished):
        finished.run("dvc", "exp", "run", "--queue", "--name", "queued", "-S", f"{LEARNING_RATE}=0.3")
        finished.run("dvc", "queue", "start")
        # new code that git does not know, a file that is not text, changed code, all of it needed
        (finished.path / "penguins/constant.py").write_text(CONSTANT)
        (finished.path / "penguins/constant.bin").write_bytes(bytes(range(256)) * 3)
        metrics = "penguins/metrics.py"
        edit(
            finished,
            metrics,
            "from .engine.judging.prediction import Labels\n",
            "from .constant import ROWS\nfrom .engine.judging.prediction import Labels\n",
        )
        edit(
            finished,
            metrics,
            "    return values\n",
            '    return {**values, "constant": ROWS}\n',
        )
        line = "      - penguins/metrics.py\n"
        pipeline = finished.read("dvc.yaml").replace(line, f"{line}      - penguins/constant.py\n")
        (finished.path / "dvc.yaml").write_text(pipeline)
        finished.run("dvc", "exp", "run", "--name", "dirty", "-S", f"{LEARNING_RATE}=0.2")
        runs["dirty"] = load(finished, "reports/evaluation.json")["run_id"]
    deadline = time.monotonic() + 480
    while not (
        queued := [
            run
            for run in store(finished).runs
            if run["tags"].get("dvc.experiment") == "queued" and run["status"] == "FINISHED"
        ]
    ):
        assert time.monotonic() < deadline, finished.run("dvc", "queue", "logs", "queued").stdout
        time.sleep(1)
    runs["queued"] = queued[0]["id"]
    while "Running" in finished.run("dvc", "queue", "status").stdout:
        assert time.monotonic() < deadline
        time.sleep(1)
    return Recorded(finished, runs)


def files(folder: Path) -> dict[str, Any]:
    """Every file but the store's database: its content, how it is linked, when it was written."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("mlflow.db"):
            stat, name = path.stat(), path.relative_to(folder).as_posix()
            # git sets the time of an object when a repository that borrows it would write the same one
            written = 0 if name.startswith(".git/objects/") else stat.st_mtime_ns
            found[name] = hashlib.md5(path.read_bytes()).hexdigest(), stat.st_ino, stat.st_nlink, written
    return found


def rows(project: Baked) -> list[str]:
    """Every row of the tracking store but the verdicts."""
    with closing(sqlite3.connect(project.path / "mlflow.db")) as database:
        return [line for line in database.iterdump() if not line.startswith(VERDICT)]


@contextmanager
def leaving_all_as_it_is(project: Baked) -> Iterator[None]:
    def state() -> dict[str, Any]:
        status = project.run("git", "status", "--porcelain").stdout  # writes the index anew, so goes first
        return {"status": status, "store": rows(project), **files(project.path)}

    before = state()
    yield
    after = state()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()


def reproduce(project: Baked, run: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the command, as within an experiment's stage or a hook of git, and see that it clears up."""
    scratch = tmp_path / "temporary"
    scratch.mkdir(exist_ok=True)
    misleading = {
        "TMPDIR": str(scratch),
        "DVC_EXP_NAME": "other",
        "DVC_STAGE": "train",
        "DVC_ROOT": str(project.path),
    }
    done = project.run("python", "-m", "penguins", "reproduce", run, check=False, env=misleading)
    assert list(scratch.iterdir()) == []
    assert "Traceback" not in done.stdout + done.stderr
    return done


def verdict(project: Baked, run: str) -> str:
    """What the run's tag says, after the date."""
    with closing(sqlite3.connect(project.path / "mlflow.db")) as database:
        query = "SELECT value FROM tags WHERE key = 'reproduced' AND run_uuid = ?"
        ((said,),) = database.execute(query, [run])
    date, _, rest = said.partition(" ")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(date)).total_seconds()) < 600
    return str(rest)


@pytest.mark.parametrize("kind", ["dirty", "queued"])
def test_the_result_is_identical(recorded: Recorded, kind: str, tmp_path: Path) -> None:
    is_identical(recorded, kind, recorded.runs[kind][:8], tmp_path)


def is_identical(recorded: Recorded, kind: str, name: str, tmp_path: Path) -> None:
    project = recorded.project
    with leaving_all_as_it_is(project):
        done = reproduce(project, name, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "identical" in done.stdout
    assert "all 69 rows are equal" in done.stdout
    assert verdict(project, recorded.runs[kind]) == "identical"


@contextmanager
def without(*paths: Path) -> Iterator[None]:
    """Take files away for a while."""
    for path in paths:
        path.rename(path.with_name(f"{path.name}.away"))
    try:
        yield
    finally:
        for path in paths:
            path.with_name(f"{path.name}.away").rename(path)


def test_the_data_come_from_the_remote_or_it_is_said_that_they_are_gone(
    recorded: Recorded, tmp_path: Path
) -> None:
    project, run = recorded.project, recorded.runs["committed"]
    project.run("dvc", "push", f"{DATA}.dvc")
    md5 = next(r for r in store(project).runs if r["id"] == run)["tags"]["data.md5"]
    stored = Path("files/md5", md5[:2], md5[2:])
    remote = project.path.with_name("penguins-dvc-remote") / stored
    with without(project.path / DATA, project.path / ".dvc/cache" / stored):
        with leaving_all_as_it_is(project), without(remote):
            done = reproduce(project, "1", tmp_path)
        assert done.returncode == 2
        assert done.stdout == ""
        (line,) = messages(done.stderr)
        assert line.startswith(f"error: {DATA}: its recorded md5 {md5} is neither in DVC's cache nor")
        assert verdict(project, run).startswith(f"cannot be reproduced: {DATA}: ")

        is_identical(recorded, "committed", "1", tmp_path)


FALSIFY = """
import hashlib, logging, sys
import mlflow
logging.disable()
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client, run_id = mlflow.MlflowClient(), sys.argv[1]
client.log_metric(run_id, "accuracy", 0.5, step=1)
path = client.download_artifacts(run_id, "plots/predictions.csv", sys.argv[2])
lines = open(path).read().splitlines()
lines[7] = "Adelie,Gentoo,0.1,0.2,0.7"
open(path, "w").write("\\n".join(lines) + "\\n")
client.log_artifact(run_id, path, "plots")
path = client.download_artifacts(run_id, "lineage.json", sys.argv[2])
text = open(path).read().replace('"numpy": "', '"numpy": "0')
open(path, "w", newline="").write(text)
client.log_artifact(run_id, path)
client.set_tag(run_id, "lineage.md5", hashlib.md5(text.encode()).hexdigest())
"""


def test_what_differs_is_named(recorded: Recorded, tmp_path: Path) -> None:
    project, run = recorded.project, recorded.runs["queued"]
    project.run("python", "-c", FALSIFY, run, tmp_path)
    with leaving_all_as_it_is(project):
        done = reproduce(project, run, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "something differs" in said
    assert "1 of 69 rows differ, numbers by up to" in said
    assert "accuracy: 0.98" in said
    assert "recorded 0.5" in said
    assert "numpy: 2." in said
    assert "recorded 02." in said
    assert verdict(project, run) == "differs: predictions, accuracy"


def test_what_cannot_be_made_again_is_a_line(recorded: Recorded, tmp_path: Path) -> None:
    project = recorded.project
    validation = store(project).of("penguins-data")[0]["id"]
    for name, says in {
        "fffffff": "fffffff: no such run or version; the latest runs: ",
        "770077": "versions of 'penguins': ",
        "@nobody": "versions of 'penguins': ",
        validation: "is a validation of data",
    }.items():
        done = reproduce(project, name, tmp_path)
        assert done.returncode == 2
        (line,) = messages(done.stderr)
        assert line.startswith("error: ")
        assert says in line
    assert "is a validation of data" in verdict(project, validation)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_leaves_nothing_behind(recorded: Recorded, tmp_path: Path, how: signal.Signals) -> None:
    project = recorded.project
    programs = project.shims or project.bin
    assert programs
    command = [str(programs / "python"), "-m", "penguins", "reproduce", recorded.runs["committed"]]
    with leaving_all_as_it_is(project):
        process = subprocess.Popen(
            command,
            cwd=project.path,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 240
        while not list(tmp_path.glob("reproduce-*/mlflow.db")):  # made by the first stage, which goes on
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(how)
        _, said = process.communicate(timeout=180)
    assert (process.returncode, said) == (2, "error: interrupted\n")
    assert list(tmp_path.iterdir()) == []
