"""The READMEs and the pages say what is there: the files that are the user's, and commands by their names."""

import re
from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE

PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
PACKAGE = PROJECT / "{{cookiecutter.package_name}}"
STAGES = {path.stem for path in (PACKAGE / "stages").glob("[a-z]*.py")}
COMMANDS = {path.stem.replace("_", "-") for path in (PACKAGE / "engine/commands").glob("[a-z]*.py")}
NAMED = re.compile(r"python -m (?:penguins|\{\{ cookiecutter\.package_name \}\}) ([a-z][a-z-]*)")
PAGES = [TEMPLATE / "README.md", *sorted(TEMPLATE.glob("docs/*.md")), PROJECT / "README.md"]
PAGES += sorted((PROJECT / "docs").rglob("*.md"))


def test_the_readme_names_every_file_that_is_the_users() -> None:
    text = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    table = text.split("## What you will own")[1].split("\n## ")[0]
    files = [path for path in PACKAGE.rglob("*.py") if PACKAGE / "engine" not in path.parents]
    assert [path.name for path in files if f"{path.name}`" not in table] == []
    assert len(files) <= 14
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    assert f"some {round(lines, -2)} lines" in table


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_page_names_commands_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    added = set(re.findall(r"stages/([a-z_]+)\.py", text))  # stages of an example
    assert set(NAMED.findall(text)) - STAGES - COMMANDS - added == set()
