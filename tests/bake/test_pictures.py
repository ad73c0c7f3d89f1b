"""The pictures: those that pages show are there, for both kinds of screen, and small; none is left over."""

import re
from pathlib import Path

import pytest

from scripts.pictures.tour import APPLIED, EXPERIMENTS, KEPT
from tests.support.baked import TEMPLATE

PICTURES = TEMPLATE / "docs" / "pictures"
LARGEST = 200_000  # bytes
SHOWN = re.compile(r'(?:srcset|src)="([^"]+)"|!\[[^\]]*\]\(([^)]+)\)')
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
PAGES = [TEMPLATE / "README.md", *sorted((TEMPLATE / "docs").rglob("*.md")), PROJECT / "README.md"]
FILES = sorted([*PICTURES.glob("*.png"), *(PROJECT / "docs").glob("*.svg")])


def shown(page: Path) -> list[Path]:
    found = ("".join(one) for one in SHOWN.findall(page.read_text(encoding="utf-8")))
    return [page.parent / path for path in found if not path.startswith("http")]


def test_the_readme_shows_the_overview_first() -> None:
    text = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    assert "docs/pictures/overview-dark.png" in text[: text.index("## ")]
    assert PICTURES / "overview-light.png" in shown(TEMPLATE / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_what_a_page_shows_is_there_with_words_for_who_does_not_see_it(page: Path) -> None:
    assert [path for path in shown(page) if not path.is_file()] == []
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'<img (?![^>]*alt="[^"]{20,}")|!\[[^\]]{0,19}\]\(', text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_picture_is_small_has_a_twin_and_is_shown(file: Path) -> None:
    assert file.stat().st_size < LARGEST
    one, other = ("-light", "-dark") if "-light" in file.stem else ("-dark", "-light")
    assert file.with_stem(file.stem.replace(one, other)).is_file()
    assert file in {path.resolve() for page in PAGES for path in shown(page)}


def test_the_runs_that_the_pictures_show_are_those_of_the_tutorial() -> None:
    page = (TEMPLATE / "docs" / "tutorial.md").read_text(encoding="utf-8")
    before = page.partition(f"python -m penguins apply {APPLIED}\n")[0]
    tried = dict(re.findall(r"^dvc exp run .*--name (\S+) (-S .*)$", before, re.MULTILINE))
    assert {name: tuple(re.findall(r"-S (\S+)", settings)) for name, settings in tried.items()} == EXPERIMENTS


def test_what_the_pictures_are_made_from_is_kept() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATE / "scripts/pictures").glob("*.py"))
    read = re.findall(r'\.read\("([^"]+)"\)', code)
    assert read
    assert set(read) <= {Path(name).name for name in KEPT}


def test_there_are_pictures() -> None:
    assert len(FILES) >= 10
