"""The project's how-tos: what they say is done, in this process, and what they show is what is seen."""

import re
import shlex
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from penguins.engine import stage

from tests.engine.conftest import ROOT, set_up
from tests.engine.tasks import BOTH, Task
from tests.support.pages import blocks, unlike
from tests.support.running import replace_in

# the others need DVC, git or a library more: tests/pipeline/test_mistakes.py and test_experiments.py,
# tests/bake/test_regression_in_place.py, or no test can run them
HERE = ("time-series", "groups", "text", "imbalance", "batch-predictions")


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the example's own project, whose table was validated."""
    folder = tmp_path_factory.mktemp("validated")
    with pytest.MonkeyPatch.context() as patch:
        set_up(folder, patch)
        lay_out(ROOT, folder)
        stage.run("validate")
    return folder


@pytest.fixture
def penguins(validated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_store = ignore_patterns("mlflow.db", "mlruns")  # which would be said to have moved
    copytree(validated, tmp_path, ignore=without_store, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return tmp_path


def lay_out(root: Path, folder: Path) -> None:
    for name in ("data", "expectations"):
        copytree(root / name, folder / name, dirs_exist_ok=True)
    for name in ("params.yaml", "dvc.yaml"):
        (folder / name).write_bytes((root / name).read_bytes())


def run(line: str, stages: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Do what a line of a shell does, without new processes; returns what it prints.

    Args:
        line: of a page.
        stages: those that `dvc repro` is to run here.
        capsys: of the test.
    """
    capsys.readouterr()
    words = shlex.split(line)
    if words == ["dvc", "repro"]:
        for name in stages:
            stage.run(name)
    else:
        assert words[:3] == ["python", "-m", "penguins"]
        command, parser = import_module(f"penguins.engine.commands.{words[3]}"), ArgumentParser()
        command.add_arguments(parser)
        command.main(parser.parse_args(words[4:]))
    return capsys.readouterr().out


def page(root: Path, name: str) -> str:
    return (root / f"docs/how-to/{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HERE)
def test_what_a_page_says_is_what_happens(
    penguins: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, printed, seen = page(ROOT, name), "", 0
    # validated it is, but where the page changes a column; later stages run only if it shows them
    stages = ["train", *(word for word in re.findall(r"^(\w+)$", text, re.M) if word == "evaluate")]
    if name == "text":
        stages.insert(0, "validate")
    if name == "batch-predictions":
        run("dvc repro", stages, capsys)
    for block in blocks(text):
        if block.kind == "diff":
            replace_in(penguins / block.file, *block.edit)
        elif block.kind == "sh":
            printed = "".join(run(line, stages, capsys) for line in block.text.splitlines())
        elif block.kind == "text":
            assert unlike(block.text, printed) == "", printed
            seen += 1
    assert seen


@BOTH
def test_every_edit_of_a_page_can_be_made(task: Task, tmp_path: Path) -> None:
    """In a project of either task: its files have the lines that the page names, once."""
    edited = 0
    for file in sorted((task.root / "docs/how-to").glob("*.md")):
        folder = tmp_path / file.stem
        folder.mkdir()
        lay_out(task.root, folder)
        for block in blocks(page(task.root, file.stem)):
            if block.kind == "diff":
                before, after = block.edit
                text = (folder / block.file).read_text(encoding="utf-8")
                assert text.count(before) == 1, f"{file.name}: {block.text}"
                (folder / block.file).write_text(text.replace(before, after), encoding="utf-8")
                edited += 1
    assert edited > 5


FORM = ["Steps", "What you see", "Why"]
LINK = re.compile(r"\]\(([^)#\s]+?)(?:#([^)\s]+))?\)")


@BOTH
def test_every_page_has_the_form_and_is_in_the_index(task: Task) -> None:
    folder = task.root / "docs"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for file in sorted(folder.rglob("*.md")):
        name, text = file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")
        assert name == "README.md" or f"({name})" in index, name
        if file.parent.name == "how-to":
            assert re.findall(r"^## (.*)$", text, re.M) == FORM, name
            assert re.match(r"# .+\n\n\*\*Goal\.\*\* ", text), name
            assert len(text.splitlines()) < 80, name


@BOTH
def test_every_link_between_pages_leads_to_something(task: Task) -> None:
    for file in [task.root / "README.md", *sorted((task.root / "docs").rglob("*.md"))]:
        for name, heading in LINK.findall(file.read_text(encoding="utf-8")):
            if "://" in name or name.startswith("/"):
                continue
            there = file.parent / name
            assert there.exists(), f"{file.name}: {name}"
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.M) if heading else []
            slugs = [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings]
            assert not heading or heading in slugs, f"{file.name}: {name}#{heading}"
