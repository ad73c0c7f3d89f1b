"""What users do wrong, and bad data: a line each, an exit code, and nothing lost; put back afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.baked import Baked, messages
from tests.support.pages import blocks
from tests.support.running import commit, edit, load, rewrite, store

pytestmark = pytest.mark.slow

DATA = "data/raw/penguins.csv"
ROW = "Adelie,Dream,39.5,17.4,186,{mass},female,2009\n"


def made(project: Baked) -> dict[str, bytes]:
    """All that the pipeline made from good data."""
    names = ["data/validated.parquet", "models/model.joblib", "models/run.json", "dvc.lock"]
    reports = [f for f in (project.path / "reports").rglob("*") if f.is_file() and "failed" not in f.name]
    return {str(file): file.read_bytes() for file in [*map(project.path.joinpath, names), *reports]}


def append(project: Baked, mass: object) -> None:
    rewrite(project, DATA, project.read(DATA) + ROW.format(mass=mass))


def test_bad_data_stop_everything_and_harm_nothing(project: Baked) -> None:
    """Of a cell that is not a number; one that breaks a rule is in the tutorial."""
    before, stored = made(project), store(project)
    append(project, "heavy")
    done = project.run("dvc", "repro", check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    assert "row 346" in said
    assert "(heavy" not in said  # it may be somebody's name, and the log is a CI job's
    assert "body_mass_g" in said
    assert "penguins train" not in said
    assert made(project) == before
    page = project.read("reports/validation-failed.html")
    for part in ("row 346: <code>heavy", "body_mass_g", "values are finite numbers"):
        assert part in page
    run = store(project).runs[-1]
    assert (run["experiment"], run["status"]) == ("penguins-data", "FAILED")
    assert "row 346" in run["tags"]["failure"]
    assert store(project).versions == stored.versions
    undo = f"git checkout {DATA}.dvc && dvc checkout {DATA}.dvc"
    assert f"to go back to the data of the last commit: `{undo}`" in said
    for command in undo.split(" && "):
        project.run(*command.split())
    assert len(project.read(DATA).splitlines()) == 345


def test_data_are_brought_back_as_the_how_to_says(project: Baked) -> None:
    not_committed, committed = (
        block.text for block in blocks(project.read("docs/how-to/undo-data.md")) if block.kind == "sh"
    )
    good, head = project.read(DATA), project.run("git", "rev-parse", "HEAD^{tree}").stdout
    append(project, 3300)
    project.run("dvc", "add", "--quiet", DATA)
    project.run("sh", "-euc", not_committed)
    assert (project.read(DATA), project.run("git", "status", "--porcelain").stdout) == (good, "")

    append(project, 3300)
    project.run("dvc", "add", "--quiet", DATA)
    commit(project, "One more")
    said = project.run("sh", "-euc", committed).stdout
    assert said.count("didn't change, skipping") == 4  # the data, and all stages but register
    assert (project.read(DATA), project.run("git", "rev-parse", "HEAD^{tree}").stdout) == (good, head)

    (check,) = (b.text for b in blocks(project.read("docs/how-to/cannot-reproduce.md")) if b.kind == "sh")
    assert "dvc.lock is up to date" in project.run("sh", "-uc", check, check=False).stdout


def test_a_warning_is_reported_and_nothing_more(project: Baked) -> None:
    edit(
        project,
        "expectations/penguins.yaml",
        "    mostly: 0.95\n    severity: warning\n\n",
        "    severity: warning\n\n",
    )
    said = project.run("dvc", "repro", "validate").stdout
    assert "10 of 11 hold" in said
    assert "sex: not missing: row 5" in said
    assert load(project, "reports/validation.json")["failed_warning"] == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "params.yaml",
            "  type: hist",
            "  typ: hist",
            "model.type: missing; this block needs 'type'",
        ),
        ("params.yaml", "max_iter: 200", "max_itre: 200", "did you mean 'max_iter'?"),
        ("params.yaml", "primary_metric: f1_macro", "primary_metric: f1", "no such metric 'f1'"),
        ("params.yaml", "target: species", "target: specie", "has no column 'specie'"),
        (
            "expectations/penguins.yaml",
            "expect_table_row_count_to_be_between",
            "expect_row_count",
            "no such expectation",
        ),
        ("expectations/penguins.yaml", "min_value: 25", "min_valu: 25", "did you mean 'min_value'?"),
    ],
)
def test_a_mistake_is_a_line_before_any_work(
    project: Baked, file: str, old: str, new: str, says: str
) -> None:
    runs = store(project).runs
    edit(project, file, old, new)
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in (done.stdout + done.stderr).splitlines() if says in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {file}:")
    assert store(project).runs == runs


@pytest.mark.parametrize("stage", ["validate", "train", "evaluate", "register"])
def test_every_stage_checks_the_parameters(project: Baked, stage: str) -> None:
    edit(project, "params.yaml", "learning_rate: 0.1", "learning_rate: fast")
    said = project.refused("python", "-m", "penguins", stage)
    assert said.startswith("params.yaml:")
    assert "'learning_rate' parameter of HistGradientBoostingClassifier must be a float" in said


def test_a_model_that_cannot_be_fitted_is_a_failed_run(project: Baked) -> None:
    edit(
        project, "params.yaml", "  type: hist_gradient_boosting", "  type: sklearn.naive_bayes.CategoricalNB"
    )
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert "CategoricalNB cannot be fitted" in done.stderr
    run = store(project).runs[-1]
    assert run["status"] == "FAILED"
    assert "cannot be fitted" in run["tags"]["failure"]


def test_parameters_that_are_edited_while_a_stage_runs_fail_it(project: Baked) -> None:
    versions, locked = store(project).versions, project.read("dvc.lock")
    edit(
        project,
        "penguins/stages/train.py",
        "        train = data.train()\n",
        "        train = data.train()\n"
        "        file = __import__('pathlib').Path('params.yaml')\n"
        "        file.write_text(file.read_text().replace('max_iter: 200', 'max_iter: 60'))\n",
    )
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "error: params.yaml (model): changed while train ran; run it again\n" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    run = store(project).runs[-1]
    assert (run["status"], run["params"]["model.hist_gradient_boosting.max_iter"]) == ("FAILED", "200")
    assert not project.has("models/model.joblib")
    assert not project.has("models/run.json")
    assert project.read("dvc.lock") == locked
    assert store(project).versions == versions


def test_the_wrong_python_is_one_line(project: Baked, tmp_path: Path) -> None:
    """One that has no library at all."""
    bare = Baked(project.path)
    bare.run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    assert "activate its environment" in bare.refused(python, "-m", "penguins", "train")


@pytest.mark.skipif(os.name == "nt", reason="there Ctrl-C goes to the whole console")
@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.2])
@pytest.mark.parametrize("module", ["penguins train", "penguins tune"])
def test_ctrl_c_while_libraries_are_imported_is_one_line(project: Baked, module: str, seconds: float) -> None:
    assert project.bin is not None
    stage = subprocess.Popen(
        [project.bin / "python", "-m", *module.split()],
        cwd=project.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    began = psutil.Process(stage.pid)
    while sum(began.cpu_times()[:2]) < seconds:  # its own, however busy the machine is
        assert stage.poll() is None
        time.sleep(0.02)
    stage.send_signal(signal.SIGINT)
    _, said = stage.communicate(timeout=180)
    assert stage.returncode != 0
    assert said in ("", "error: interrupted\n")  # nothing, if Python itself has not started yet


@pytest.mark.skipif(os.name == "nt", reason="there is no limit for files there")
@pytest.mark.parametrize("command", ["penguins train", "penguins evaluate", "penguins report"])
def test_a_file_that_cannot_be_written_is_one_line(project: Baked, command: str) -> None:
    """As on a full disk: no file may have more than 16 kB, and those of the store have more."""
    before = made(project)
    done = project.run("bash", "-c", f"ulimit -f 16; python -m {command}", check=False)
    (line,) = messages(done.stderr)
    assert done.returncode == 1
    assert line.startswith("error: ")
    assert any(reason in done.stderr for reason in ("File too large", "disk I/O error", "disk is full"))
    assert made(project) == before
    assert not list(project.path.rglob("*.part"))
