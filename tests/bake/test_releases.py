"""A living project: baked by the first release, edited, updated to each later one and to what stands here."""

import filecmp
import json
import tomllib
from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE, Baked, run
from tests.support.following import CRUFT, PACKAGE, commit, put_template, update

OURS = "# ours\n"
ENGINE = f"{PACKAGE}/engine"


def releases() -> list[str]:
    """List the tags of releases, from the first on; before there is one, the commit that made the engine.

    A shallow clone has no tags, and its oldest commit made everything.
    """
    tags = run(TEMPLATE, "git", "tag", "--list", "v*", "--sort=version:refname", "--merged").stdout.split()
    made = ("git", "log", "--reverse", "--format=%H", "--diff-filter=A", "--", f"{ENGINE}/__init__.py")
    return tags or run(TEMPLATE, *made).stdout.split()[:1]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Provide a clone whose newest commit is what stands here."""
    run(tmp_path, "git", "clone", "--quiet", TEMPLATE, "template")
    copy = tmp_path / "template"
    run(copy, "git", "switch", "--quiet", "--force-create", "main")
    run(copy, "git", "rm", "--quiet", "-r", ".")
    put_template(copy)
    run(copy, "git", "add", "--all")
    if run(copy, "git", "status", "--porcelain").stdout:
        run(copy, "git", "commit", "--quiet", "--message", "As it stands here")
    return copy


def edited(project: Baked) -> dict[str, str]:
    """Add a line to each file that is the user's or both's, and return all that have one."""
    owned = tomllib.loads(project.read("pyproject.toml"))["tool"]["cruft"]["skip"]
    files = [name for name in project.files() if name in owned or name.rpartition("/")[0] in owned]
    edits = [
        name
        for name in (*files, "dvc.yaml", "pyproject.toml")
        if name.endswith((".py", ".md", ".yaml", ".toml"))
    ]
    for name in edits:
        (project.path / name).write_text(OURS + project.read(name), encoding="utf-8")
    commit(project.path, "Ours")
    return {name: project.read(name) for name in edits}


@pytest.mark.slow
def test_a_project_is_updated_from_each_release_to_the_next(template: Path, tmp_path: Path) -> None:
    first, *later = releases()
    run(tmp_path, *CRUFT, "create", str(template), "--no-input", "--checkout", first)
    project = Baked(tmp_path / "penguins")
    commit(project.path, "Follow the template")
    edits = edited(project)
    assert {"penguins/features.py", "penguins/stages/train.py", "dvc.yaml"} < set(edits)
    for options in [*(("--checkout", tag) for tag in later), ()]:
        update(project, *options)
        commit(project.path, "Update")
    for name, text in edits.items():
        if name in ("dvc.yaml", "pyproject.toml"):
            assert project.read(name).startswith(OURS), name
        else:
            assert project.read(name) == text, name
    assert differing(TEMPLATE / ENGINE, project.path / "penguins/engine") == []
    # not by `cruft check`: its partial clone of a shallow one makes git start itself without end
    newest = run(template, "git", "rev-parse", "HEAD").stdout.strip()
    assert json.loads(project.read(".cruft.json"))["commit"] == newest


def differing(one: Path, other: Path) -> list[str]:
    """List the modules in which two folders differ."""
    names = {path.relative_to(folder).as_posix() for folder in (one, other) for path in folder.rglob("*.py")}
    assert len(names) > 100
    _, differ, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted([*differ, *missing])
