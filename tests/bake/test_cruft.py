"""A project follows its template with the real cruft, keeps its history and its own edits."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.running import reproduce, store

CRUFT = (sys.executable, "-m", "cruft")
PACKAGE = "{{cookiecutter.project_slug}}/{{cookiecutter.package_name}}"


def commit(folder: Path, message: str) -> None:
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", message)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A repository of its own with the template as it stands here, committed or not."""
    copy = tmp_path / "template"
    names = run(TEMPLATE, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, names.split("\0")):
        if (TEMPLATE / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATE / name, copy / name)
    run(copy, "git", "init", "-q", "-b", "main")
    commit(copy, "one")
    return copy


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Baked:
    done = run(tmp_path, *CRUFT, "create", str(template), "--no-input")
    project = Baked(tmp_path / "penguins")
    assert "Commit .cruft.json" in done.stdout
    assert project.run("git", "status", "--porcelain").stdout == "?? .cruft.json\n"
    commit(project.path, "Follow the template")
    return project


def test_nothing_is_ignored_in_the_template(project: Baked, baked: Bake) -> None:
    """No rule of the template's .gitignore, nor of one that it carries, swallows a file of the project."""
    assert sorted({*project.files()} - {".cruft.json"}) == list(baked().files())
    assert (project.path / ".dvc/cache/files").is_dir()


def test_update(template: Path, project: Baked) -> None:
    (project.path / "params.yaml").write_text(project.read("params.yaml") + "# mine\n")
    commit(project.path, "mine")

    init = template / PACKAGE / "__init__.py"
    init.write_text(init.read_text() + "# changed in the template\n")
    (template / "{{cookiecutter.project_slug}}" / "NEW.md").write_text("# {{ cookiecutter.project_name }}\n")
    data = template / "{{cookiecutter.project_slug}}" / "data/raw/penguins.csv"
    data.write_bytes(data.read_bytes() + b"more\n")
    commit(template, "two")

    assert project.run(*CRUFT, "check", check=False).returncode == 1
    project.run(*CRUFT, "update", "-y")
    assert project.read("penguins/__init__.py").endswith("# changed in the template\n")
    assert project.read("NEW.md") == "# Penguins\n"
    assert project.read("params.yaml").endswith("# mine\n")
    changed = sorted(
        line.split()[1] for line in project.run("git", "status", "--porcelain").stdout.splitlines()
    )
    assert changed == [".cruft.json", "NEW.md", "penguins/__init__.py"]

    # The user's data is the user's, and the history is what it was.
    assert not project.read("data/raw/penguins.csv").endswith("more\n")
    assert project.run("git", "log", "--format=%s").stdout.splitlines()[:2] == ["mine", "Follow the template"]
    commit(project.path, "update")
    project.run("git", "fsck", "--strict")
    assert project.run(*CRUFT, "check").returncode == 0


@pytest.mark.slow
def test_the_pipeline_runs_on_after_an_update(template: Path, project: Baked, environment: Path) -> None:
    project = project.within(environment)
    reproduce(project)
    plots = template / PACKAGE / "modeling/plots.py"
    plots.write_text(plots.read_text() + "# changed in the template\n")
    commit(template, "two")
    project.run(*CRUFT, "update", "-y")
    said = reproduce(project)
    assert "Stage 'train' didn't change, skipping" in said
    assert "Running stage 'evaluate'" in said
    assert len(store(project).versions) == 1


def test_update_that_changes_nothing(template: Path, project: Baked) -> None:
    (template / "NOTES.md").write_text("about the template only\n")
    commit(template, "two")
    project.run(*CRUFT, "update", "-y")
    assert project.run("git", "status", "--porcelain").stdout == " M .cruft.json\n"
    assert project.run(*CRUFT, "diff").stdout.count("diff --git") == 0
