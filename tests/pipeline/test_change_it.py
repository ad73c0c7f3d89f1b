"""The page "Change it" of a project: its examples, one after the other, do what they say."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bake, bake_into
from tests.support.baked import Baked
from tests.support.pages import blocks
from tests.support.running import edit, load, own_tests, reproduce, restored, store

pytestmark = pytest.mark.slow


def follow(project: Baked, after_each: Callable[[], object] = lambda: None) -> None:
    """Do to a project what the page says, in its order."""
    for example in project.read("docs/change-it.md").split("\n## "):
        for block in blocks(example):
            if block.kind == "python":
                assert not project.has(block.file)
                (project.path / block.file).write_text(block.text, encoding="utf-8")
            else:
                assert block.kind == "diff"
                edit(project, block.file, *block.edit)
        after_each()


class Changed:
    """A project that everything on the page was done to, and its pipeline run once."""

    def __init__(self, project: Baked) -> None:
        self.project = project
        follow(project)
        self.said = reproduce(project)
        self.store = store(project)
        (self.run,) = self.store.of("penguins")
        self.metrics = load(project, "reports/metrics.json")
        self.decision = load(project, "reports/registration.json")

    def gates(self) -> list[Any]:
        return [gate["name"] for gate in self.decision["gates"]]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, environment: Path, shims: Path | None) -> Changed:
    return Changed(bake_into(tmp_path_factory.mktemp("changed"), {}, True).within(environment, shims))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_what_ci_checks_is_green_afterwards(
    bake: Bake, environment: Path, shims: Path | None, task: str
) -> None:
    project = bake(task=task).within(environment, shims)

    def lint() -> None:
        project.run("ruff", "format", "--check", ".")
        project.run("ruff", "check", ".")

    follow(project, lint)
    if task == "regression":  # that of the other is below, with all that its stages have made
        project.run("python", "-m", "penguins", "prepare")
        own_tests(project)


def test_the_projects_own_tests_are_green_afterwards(changed: Changed, environment: Path) -> None:
    assert "skipped" not in own_tests(changed.project)
    # what mypy knows of the libraries is the same each time, and takes a minute to find out
    changed.project.run("mypy", "--cache-dir", str(environment.parents[1] / "mypy"))


def test_the_stages_ran_in_their_order(changed: Changed) -> None:
    ran = re.findall(r"Running stage '(\w+)'", changed.said)
    assert ran == ["prepare", "validate", "train", "evaluate", "register", "predict"]
    rows = changed.project.read("reports/predicted.csv").splitlines()
    assert ",predicted,probability_" in rows[0]
    assert len(rows) == 345
    assert (
        load(changed.project, "reports/predicted.csv.json")["run"]
        == load(changed.project, "models/run.json")["run_id"]
    )
    assert "didn't change, skipping" in changed.project.run("dvc", "repro").stdout


def test_the_expectation_is_looked_at(changed: Changed) -> None:
    assert "expectations: 12 of 12 hold" in changed.said
    assert "column values to be whole" in changed.project.read("reports/validation.html")


def test_the_model_has_the_feature_and_the_parameter(changed: Changed) -> None:
    assert changed.run["params"]["features.bill"] == "True"
    assert changed.run["params"]["model.type"] == "penguins.mine.Blend"
    assert changed.run["params"]["data.path"] == "data/prepared.csv"


def test_the_metric_is_measured_and_may_be_named(changed: Changed) -> None:
    assert 0.8 < changed.metrics["worst_recall"] <= 1
    assert changed.run["metrics"]["worst_recall"] == changed.metrics["worst_recall"]
    assert "within.island.Biscoe.worst_recall" in changed.run["metrics"]
    assert "worst_recall" in changed.gates()


def test_the_plot_is_drawn_and_logged(changed: Changed) -> None:
    assert changed.project.has("reports/plots/by_group.png")
    (logged,) = changed.project.path.glob("mlruns/**/plots/by_group.png")
    assert logged.stat().st_size > 1000


def test_the_gate_counts_wherever_gates_do(changed: Changed) -> None:
    recalls = [f"recall of {species}" for species in ("Adelie", "Chinstrap", "Gentoo")]
    assert changed.gates()[:3] == recalls
    assert changed.decision["decision"] == "registered"
    found = json.loads(changed.project.run("python", "-m", "penguins", "gate", "--json").stdout)
    assert [gate["name"] for gate in found["gates"]][:3] == recalls
    changed.project.run("python", "-m", "penguins", "report")
    assert recalls[0] in changed.project.read("reports/report.html")
    changed.project.run("dvc", "push")  # promote wants the data where others get them
    promoted = changed.project.run("python", "-m", "penguins", "promote", "1", "--reason", "it is ours")
    assert recalls[0] in promoted.stdout


def test_tune_searches_by_the_metric(changed: Changed) -> None:
    with restored(changed.project) as project:
        edit(project, "params.yaml", "  type: penguins.mine.Blend", "  type: extra_trees")
        edit(project, "params.yaml", "choice: [hist_gradient_boosting, ", "choice: [extra_trees, ")
        said = project.run("python", "-m", "penguins", "tune", "--trials", "2", "--dry-run").stdout
        assert "worst_recall: 0." in said


def test_a_mistake_in_a_gate_is_one_line(changed: Changed) -> None:
    with restored(changed.project) as project:
        edit(
            project,
            "penguins/gates.py",
            'candidate.predictions["predicted"]',
            'candidate.predictions["other"]',
        )
        done = project.run("python", "-m", "penguins", "gate", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"error: penguins/gates.py:\d+: class_gates: KeyError: 'other'\n", done.stderr)
