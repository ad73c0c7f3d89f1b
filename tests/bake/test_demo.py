"""`make demo`: from a clone to a registered model, again and again, in any folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import demo
from tests.support.baked import TEMPLATE, run


def make_demo(
    folder: str | Path, check: bool = True, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return run(TEMPLATE, sys.executable, "scripts/demo.py", folder, check=check, env=env)


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    (line,) = (done.stdout + done.stderr).splitlines()
    return line


def test_refuses_no_folder() -> None:
    assert "name one folder" in only_line(make_demo("", check=False))


def test_refuses_a_folder_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "penguins").mkdir()
    assert "is not a project of this template" in only_line(make_demo(tmp_path, check=False))
    assert list((tmp_path / "penguins").iterdir()) == []


@pytest.mark.parametrize("identity", [True, False])
def test_bakes_a_repository_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: bool
) -> None:
    if not identity:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    run(tmp_path, "git", "init", "--quiet")  # the folder lies in a repository, as `demo/` in a clone does
    project = tmp_path / "it's an ünusual folder" / "penguins"
    demo.bake(project)
    assert (project / "dvc.yaml").is_file()
    assert run(project, "git", "rev-list", "--count", "HEAD").stdout == "1\n"
    assert run(project, "git", "status", "--porcelain").stdout == ""
    assert [path.name for path in project.parent.iterdir()] == ["penguins"]


def test_summary_says_what_was_made_and_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/metrics.json").write_text(json.dumps({"accuracy": 0.98765}))
    (tmp_path / "reports/evaluation.json").write_text(json.dumps({"run_id": "f00"}))
    registration = {
        "decision": "registered",
        "model": "m",
        "version": "3",
        "alias": "challenger",
        "reasons": [],
    }
    (tmp_path / "reports/registration.json").write_text(json.dumps(registration))
    validation = {"rows": 344, "columns": 8, "passed": 10, "expectations": 11}
    (tmp_path / "reports/validation.json").write_text(json.dumps(validation))
    text = demo.summary(tmp_path)
    for expected in (
        "data      data/raw/penguins.csv: 344 rows x 8 columns\n     |\n  validate  10 of 11",
        "  evaluate  accuracy 0.9877\n     |      ",
        "  register  m version 3 @challenger: registered",
        "f00",
        "validation.html",
        "python -m penguins ui",
    ):
        assert expected in text


def test_baking_needs_a_few_of_the_tests_tools_only() -> None:
    """`make demo` waits for no other: the rule installs cookiecutter and uv, at the versions in the lock."""
    said = run(TEMPLATE, "make", "--dry-run", "--always-make", "demo", "DIR=x").stdout
    assert "--constraint tests/requirements.txt" in said
    assert "--requirement tests/requirements.txt" not in said
    assert "--requirement tests/requirements.txt" in run(TEMPLATE, "make", "-n", "-B", "test").stdout


def test_summary_of_a_pipeline_that_wrote_nothing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"metrics\.json cannot be read"):
        demo.summary(tmp_path)


@pytest.mark.slow
def test_ends_with_a_registered_model_and_again_is_safe(tmp_path: Path) -> None:
    folder = tmp_path / "a démo"
    first = make_demo(folder).stdout
    assert "penguins version 1 @challenger: registered" in first
    assert "python -m penguins ui" in first
    (folder / "penguins" / "mine.txt").write_text("kept")
    again = make_demo(folder).stdout
    assert "going on from it" in again
    assert "penguins version 1" in again
    assert (folder / "penguins" / "mine.txt").read_text() == "kept"


@pytest.mark.slow
def test_a_failing_pipeline_is_named(tmp_path: Path, environment: Path) -> None:
    project = tmp_path / "penguins"
    demo.bake(project)
    (project / ".venv").symlink_to(environment.parent)
    (project / "params.yaml").write_text("no: params\n")
    with pytest.raises(SystemExit, match=r"^demo: could not run the pipeline"):
        demo.reproduce(project)
