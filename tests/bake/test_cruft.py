"""A project follows its template with the real cruft: the engine is replaced, the user's half left alone."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import Baked, run
from tests.support.following import CRUFT, PACKAGE, PROJECT, commit, put_template, update
from tests.support.running import edit, reproduce, store

STAGES = ("validate", "train", "evaluate", "register")
# What a user changes in the first week: what stands there, and what they make of it.
EDITS = {
    "README.md": ("# Penguins\n", "# Our penguins\n"),
    "params.yaml": ("  max_text_features: 1000\n", "  max_text_features: 1000\n  ratio: true\n"),
    "expectations/penguins.yaml": ("expectations:\n", "expectations: # ours\n"),
    "penguins/params.py": ('"median"\n', '"median"\n    ratio: bool = False\n'),
    "penguins/features.py": ("sparse_threshold=0,", "sparse_threshold=0.0,"),
    "penguins/metrics.py": ('    "accuracy": True,\n', '    "accuracy": True,\n    "hits": True,\n'),
    "penguins/plots.py": ("#1f5fa8", "#aa0000"),
    "penguins/gates.py": ("GATES = [\n", "GATES = [  # ours\n"),
    "penguins/stages/train.py": ('"model": params.model.type', '"type": params.model.type'),
    "penguins/stages/evaluate.py": ("Evaluate: judge", "Evaluate: measure and judge"),
    "dvc.yaml": (
        "      - penguins/stages/train.py\n",
        "      - penguins/stages/train.py\n      - penguins/ours.py\n",
    ),
}
METRIC = (
    '        "accuracy": metrics.acc',
    '        "hits": float((actual == predicted).sum()),\n        "accuracy": metrics.acc',
)


def append(template: Path, *names: str) -> None:
    """Change files of the template, by a line at the end, and commit that."""
    for name in names:
        path = template / name
        path.write_text(f"{path.read_text()}# changed in the template\n")
    commit(template, "two")


def changed(project: Baked) -> list[str]:
    """Name the files that differ from the last commit, new ones among them."""
    project.run("git", "add", "--all")
    return project.run("git", "diff", "--cached", "--name-only", "--no-renames", "HEAD").stdout.splitlines()


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the template as it stands here, committed or not, and a project that follows it."""
    folder = tmp_path_factory.mktemp("created")
    copy = folder / "template"
    put_template(copy)
    run(copy, "git", "init", "-q", "-b", "main")
    commit(copy, "one")
    done = run(folder, *CRUFT, "create", str(copy), "--no-input")
    project = folder / "penguins"
    assert "Commit .cruft.json" in done.stdout
    assert run(project, "git", "status", "--porcelain").stdout == "?? .cruft.json\n"
    return folder


@pytest.fixture
def template(created: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(created / "template", tmp_path / "template", symlinks=True))


@pytest.fixture
def project(created: Path, template: Path, tmp_path: Path) -> Baked:
    project = Baked(Path(shutil.copytree(created / "penguins", tmp_path / "penguins", symlinks=True)))
    followed = project.read(".cruft.json").replace(str(created), str(tmp_path))
    (project.path / ".cruft.json").write_text(followed, encoding="utf-8")
    commit(project.path, "Follow the template")
    return project


@pytest.fixture
def edited(project: Baked) -> Baked:
    """A project in which everything that is the user's has been edited."""
    for name, (old, new) in EDITS.items():
        edit(project, name, old, new)
    edit(project, "penguins/metrics.py", *METRIC)
    (project.path / "penguins/ours.py").write_text('"""Ours."""\n')
    commit(project.path, "Ours")
    return project


def test_nothing_is_ignored_in_the_template(project: Baked, baked: Bake) -> None:
    """No rule of the template's .gitignore, nor of one that it carries, swallows a file of the project."""
    assert sorted({*project.files()} - {".cruft.json"}) == list(baked().files())
    assert (project.path / ".dvc/cache/files").is_dir()


@pytest.mark.slow
def test_an_update_replaces_the_engine_and_leaves_alone_what_is_the_users(
    template: Path, edited: Baked
) -> None:
    """Even if the template has other text in the very files that the user has edited."""
    before = {name: edited.read(name) for name in [*EDITS, "data/raw/penguins.csv"]}
    skipped = [name.replace("penguins/", f"{PACKAGE}/", 1) for name in EDITS if name.startswith("penguins/")]
    append(
        template,
        *skipped,
        *(f"{PROJECT}/{name}" for name in ("README.md", "params.yaml", "data/raw/penguins.csv")),
    )
    engine = template / PACKAGE / "engine"
    (engine / "tuning/report.py").rename(engine / "tuning/summary.py")
    (engine / "base/new.py").write_text('"""{{ not rendered }}"""\n')
    (template / PROJECT / "NEW.md").write_text("# {{ cookiecutter.project_name }}\n")
    append(template, f"{PACKAGE}/engine/split/rule.py", f"{PROJECT}/pyproject.toml")

    assert edited.run(*CRUFT, "check", check=False).returncode == 1
    update(edited)
    assert {name: edited.read(name) for name in before} == before
    assert changed(edited) == [
        ".cruft.json",
        "NEW.md",
        "penguins/engine/base/new.py",
        "penguins/engine/split/rule.py",
        "penguins/engine/tuning/report.py",
        "penguins/engine/tuning/summary.py",
        "pyproject.toml",
    ]
    assert edited.read("penguins/engine/split/rule.py").endswith("# changed in the template\n")
    assert edited.read("penguins/engine/base/new.py") == '"""{{ not rendered }}"""\n'
    assert edited.read("NEW.md") == "# Penguins\n"

    assert edited.run("git", "log", "--format=%s").stdout.splitlines()[:2] == ["Ours", "Follow the template"]
    commit(edited.path, "update")
    edited.run("git", "fsck", "--strict")
    assert edited.run(*CRUFT, "check").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False], ids=["as-the-template-did", "otherwise"])
def test_an_engine_that_was_mended(template: Path, project: Baked, same: bool) -> None:
    """The update takes the same mend as it is; of another, that file is named, and all else is applied."""
    rule, other = "penguins/engine/split/rule.py", "penguins/engine/split/dataset.py"
    text = "# changed in the template\n" if same else "# mended here\n"
    (project.path / rule).write_text(project.read(rule) + text)
    commit(project.path, "Engine: mended")
    append(template, *(name.replace("penguins", PACKAGE, 1) for name in (rule, other)))
    if same:
        update(project)
        assert changed(project) == [".cruft.json", other]
    else:
        project.run(*CRUFT, "update", "-y")
        assert project.run("git", "diff", "--name-only", "--diff-filter=U").stdout.split() == [rule]
        assert "<<<<<<<" in project.read(rule)
    assert project.read(other).endswith("# changed in the template\n")


@pytest.mark.slow
def test_an_update_runs_what_it_decides_and_no_more(
    template: Path, edited: Baked, environment: Path, shims: Path | None
) -> None:
    project = edited.within(environment, shims)
    reproduce(project)
    assert outdated(project) == {"register": set()}  # it always looks at the registry
    for page, stages in {
        "tracking/pages": set(),
        "judging/verdict": {"evaluate"},
        "split/rule": {"train", "evaluate"},
    }.items():
        append(template, f"{PACKAGE}/engine/{page}.py")
        update(project)
        commit(project.path, f"Update of {page}")
        now = outdated(project)
        assert {stage for stage in now if stage != "register"} == stages
        assert all(now[stage] == {f"penguins/engine/{page.split('/')[0]}"} for stage in stages)
        said = project.run("dvc", "repro").stdout
        assert {name for name in STAGES if f"Running stage '{name}'" in said} == {*stages, "register"}
        if stages:
            commit(project.path, "Run the pipeline")
    assert len(store(project).versions) == 1  # the model is the same


def outdated(project: Baked) -> dict[str, set[str]]:
    """Return, of each stage that `dvc repro` would run, which of its dependencies have changed."""
    status = json.loads(project.run("dvc", "status", "--json").stdout)
    return {
        stage: {path for cause in causes if isinstance(cause, dict) for path in cause["changed deps"]}
        for stage, causes in status.items()
    }


@pytest.mark.slow
def test_update_that_changes_nothing(template: Path, project: Baked) -> None:
    (template / "NOTES.md").write_text("about the template only\n")
    commit(template, "two")
    project.run(*CRUFT, "update", "-y")
    assert project.run("git", "status", "--porcelain").stdout == " M .cruft.json\n"
    assert project.run(*CRUFT, "diff").stdout.count("diff --git") == 0


def test_the_server_comes_with_a_changed_answer(edited: Baked, baked: Bake) -> None:
    """By the command of docs/server.md; nothing of the user's changes but the address."""
    (command,) = re.findall(r"^cruft update (--variables-to-update .*)$", edited.read("docs/server.md"), re.M)
    before = {name: edited.read(name) for name in EDITS}
    edited.run(*CRUFT, "update", "-y", *shlex.split(command))
    assert {name: edited.read(name) for name in before} == before
    served = baked(mlflow_tracking_uri="https://mlflow.example.com")
    deploy = [name for name in served.files() if name.startswith("deploy/")]
    assert "deploy/tracking/serve.sh" in deploy
    assert [name for name in changed(edited) if name.startswith("deploy/")] == deploy
    assert all(edited.read(name) == served.read(name) for name in deploy)
    assert 'tracking_uri = "https://mlflow.example.com"' in edited.read("pyproject.toml")
    assert edited.read("docs/server.md") == served.read("docs/server.md")
    assert os.access(edited.path / "deploy/tracking/serve.sh", os.X_OK)
