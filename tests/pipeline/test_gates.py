"""What a model must show: the gates of the pipeline, and of `python -m PACKAGE gate`."""

import json
import re

import pytest

from tests.support.baked import Baked
from tests.support.running import edit, load, rewrite, store

pytestmark = pytest.mark.slow

GATE = ("python", "-m", "penguins", "gate")
DATA = "data/raw/penguins.csv"


def test_the_default_model_passes_and_its_run_is_linked(project: Baked) -> None:
    # other tests share this store, and may have put this run through other gates
    project.run("python", "-m", "penguins", "register")
    before = store(project)
    done = project.run(*GATE)
    run_id = load(project, "reports/evaluation.json")["run_id"]
    assert "gate: passed" in done.stdout
    link, opens = done.stdout.splitlines()[-2:]
    assert re.fullmatch(rf"http://127\.0\.0\.1:5000/#/experiments/\d+/runs/{run_id}", link)
    assert opens == "  (while `python -m penguins ui` runs)"
    found = json.loads(project.run(*GATE, "--json").stdout)
    assert (found["passed"], found["run_id"]) == (True, run_id)
    names = {gate["name"] for gate in found["gates"]}
    assert names >= {"f1_macro against the baseline", "accuracy gap over island", "accuracy gap over sex"}
    assert "latency_ms" not in names  # a number of milliseconds would refuse the default on some machine
    assert all(gate["passed"] and gate["wanted"] and gate["got"] for gate in found["gates"])
    assert store(project) == before
    decided = load(project, "reports/registration.json")["gates"]
    assert {gate["name"] for gate in decided} == names
    run = next(run for run in before.runs if run["id"] == run_id)
    assert run["decision"]["gates"] == decided


def test_a_group_that_is_left_behind_fails(project: Baked) -> None:
    edit(project, "params.yaml", "  max_spread: {}", "  max_spread: {accuracy: 0.01}")
    done = project.run(*GATE, check=False)
    assert done.returncode == 1
    assert "gate: FAILED" in done.stdout
    failed = [line for line in done.stdout.splitlines() if "FAILED" in line]
    assert len(failed) == 3  # the title, and both columns
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("  thresholds: {}", "  thresholds: {acuracy: {min: 0.8}}", "register.thresholds.acuracy"),
        ("    accuracy: 0.2", "    acuracy: 0.2", "register.max_group_gap.acuracy"),
    ],
)
def test_a_gate_on_a_metric_that_there_is_not_is_one_line(
    project: Baked, old: str, new: str, where: str
) -> None:
    edit(project, "params.yaml", old, new)
    lines = project.read("params.yaml").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith(new))
    for command in (GATE, ("python", "-m", "penguins", "train")):
        says = f"params.yaml:{line}: {where}: no such metric 'acuracy'; did you mean 'accuracy'?"
        assert project.refused(*command, silent=True).startswith(says)


def test_an_evaluation_of_something_else_is_one_line(project: Baked) -> None:
    edit(project, "params.yaml", "primary_metric: f1_macro", "primary_metric: accuracy")
    says = "reports/metrics.json: is out of date (params.yaml); run `dvc repro evaluate` first"
    assert project.refused(*GATE, silent=True) == says


def test_the_better_model_passes_and_the_worse_is_refused(copy: Baked) -> None:
    """The champion was trained on older data: it is compared on the current test rows."""
    project = copy
    rows = project.read(DATA).splitlines(keepends=True)
    rewrite(project, DATA, "".join(rows[:300]))
    project.run("dvc", "repro")
    older = load(project, "reports/metrics.json")["f1_macro"]
    assert load(project, "reports/registration.json")["version"] == "1"
    promoted = project.run("python", "-m", "penguins", "promote", "--reason", "the first", "--force")
    assert "@champion none -> 1" in promoted.stdout

    rewrite(project, DATA, "".join(rows))
    said = project.run("dvc", "repro").stdout
    assert "penguins version 2 @challenger" in said
    *_, gate = load(project, "reports/registration.json")["gates"]
    assert (gate["name"], gate["passed"]) == ("f1_macro against the champion", True)
    assert f"{older:.4g}" not in gate["wanted"]

    edit(project, "params.yaml", "max_iter: 200", "max_iter: 2")
    project.run("dvc", "repro")
    done = project.run(*GATE, "--json", check=False)
    assert done.returncode == 1
    *_, gate = json.loads(done.stdout)["gates"]
    assert (gate["name"], gate["passed"]) == ("f1_macro against the champion", False)
    decision = load(project, "reports/registration.json")
    assert (decision["decision"], decision["version"]) == ("rejected", None)
    record = store(project)
    assert len(record.versions) == 2
    assert record.aliases == {"penguins": {"champion": "1", "challenger": "2"}}
