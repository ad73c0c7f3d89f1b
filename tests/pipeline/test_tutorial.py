"""The tutorial: all that it types, in its order, in one project; and what it shows is what is seen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.baked import TEMPLATE, Baked, cookiecutter
from tests.support.pages import blocks
from tests.support.running import load, store
from tests.support.steps import Terminals, terminals

pytestmark = pytest.mark.slow

TUTORIAL = TEMPLATE / "docs/tutorial.md"
# of the first step: the environment of the tests stands for what is installed
BAKE = [
    "cookiecutter gh:OWNER/REPOSITORY --no-input",
    "cd penguins",
    "python -m venv .venv && . .venv/bin/activate",
    "pip install -r requirements-dev.txt",
]
BAD_DATA = "8. Bad data"


def test_every_step_does_and_shows_what_the_page_says(
    tmp_path: Path, environment: Path, shims: Path | None
) -> None:
    project = Baked(tmp_path / "penguins", environment, shims)
    steps = [text for text in TUTORIAL.read_text(encoding="utf-8").split("\n## ") if text[:1].isdigit()]
    assert len(steps) == 13
    with terminals(project, tmp_path) as typing:
        for step in steps:
            heading = step.splitlines()[0]
            follow(typing, step, fails=heading == BAD_DATA)
            if check := CHECKS.get(heading):
                check(project)
        typing.end()
    project.run("dvc", "queue", "stop")


def follow(typing: Terminals, step: str, fails: bool) -> None:
    """Type each block of a step; what it shows is what the block before it prints.

    Args:
        typing: in which it is typed.
        step: its part of the page.
        fails: whether the step's first block ends with another exit code than 0.
    """
    for block in blocks(step):
        assert block.kind in ("sh", "text")
        if block.text.splitlines() == BAKE:
            cookiecutter(typing.project.path.parent, "--no-input")
            continue
        typing.type(block, fails)
        fails = fails and block.kind == "text"


def penguins(project: Baked, *command: str) -> Any:
    return json.loads(project.run("python", "-m", "penguins", *command, "--json").stdout)


def after_tune(project: Baked) -> None:
    """The best that it has found is a version."""
    assert project.run("git", "log", "-1", "--format=%s").stdout == "What tune has found\n"
    assert load(project, "reports/registration.json")["decision"] == "registered"
    assert store(project).aliases == {"penguins": {"challenger": "3"}}


def after_bad_data(project: Baked) -> None:
    """All is as it was, but for the page and the run that tell of it."""
    assert project.run("git", "status", "--porcelain").stdout == ""
    page = project.read("reports/validation-failed.html")
    assert "row 346: <code>-1" in page
    assert "from 2,000 to 7,500" in page
    record = store(project)
    assert (record.runs[-1]["experiment"], record.runs[-1]["status"]) == ("penguins-data", "FAILED")
    assert len(record.versions) == 3


def after_rollback(project: Baked) -> None:
    versions = {row["version"]: row for row in penguins(project, "models")}
    assert versions["1"]["aliases"] == "@champion"
    baseline = project.run("git", "rev-parse", "HEAD~1").stdout.strip()  # of the experiment
    assert versions["2"]["commit"] == baseline
    changes = penguins(project, "history")
    commands = [change["command"] for change in changes]
    assert commands == ["register", "promote", "register", "promote", "rollback"]
    assert all(gate["passed"] for gate in changes[3]["gates"])
    assert {"code", "data", "f1_macro against the baseline", "f1_macro against the champion"} <= {
        gate["name"] for gate in changes[3]["gates"]
    }
    today = changes[-1]["at"][:10]
    assert [row["version"] for row in penguins(project, "history", "--on", today)][-1] == "1"

    (project.path / "new.csv").write_text(project.read("data/raw/wine.csv").replace(",1", ",3"))
    done = project.run("python", "-m", "penguins", "drift", "new.csv", check=False)
    assert (done.returncode, done.stderr) == (3, "")
    assert "drift: PSI" in done.stdout
    assert project.run("git", "status", "--porcelain").stdout == "?? new.csv\n"


CHECKS: dict[str, Callable[[Baked], None]] = {
    "7. Tune": after_tune,
    BAD_DATA: after_bad_data,
    "11. Roll back": after_rollback,
}
