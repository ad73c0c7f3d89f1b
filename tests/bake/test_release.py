"""A release: one version in the engine, the changelog and the README; and the table of what goes together."""

import shutil
from pathlib import Path

import pytest

from scripts import badges, compatibility, release
from tests.support.baked import TEMPLATE, run

FILES = (release.ENGINE, release.CHANGELOG, release.README)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Provide the files that name the version, as a release has them."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE / name, tmp_path / name)
    release.cut(tmp_path, current(), "2030-01-01")
    return tmp_path


def current() -> str:
    (version,) = release.OF_ENGINE.findall((TEMPLATE / release.ENGINE).read_text(encoding="utf-8"))
    return str(version)


def test_what_stands_here_can_be_released(copy: Path) -> None:
    problems, notes = release.check(copy, f"v{current()}")
    assert problems == []
    assert notes.startswith("### ")
    assert "\n## " not in notes


def test_a_tag_that_is_not_the_version_is_refused(copy: Path) -> None:
    problems, _ = release.check(copy, "v9.9.9")
    assert {problem.partition(": ")[0] for problem in problems} == {*FILES}
    assert problems[-1] == f"{release.CHANGELOG}: nothing under 9.9.9"
    assert problems[0] == f"{release.ENGINE}: __version__: {current()}, and the tag is v9.9.9"
    assert release.check(copy, current())[0] == [f"{current()}: no tag such as v1.2.3"]


@pytest.mark.parametrize("place", range(3))
def test_each_place_counts(copy: Path, place: int) -> None:
    path = copy / FILES[place]
    path.write_text(path.read_text(encoding="utf-8").replace(current(), "0.9.9"), encoding="utf-8")
    problems, _ = release.check(copy, f"v{current()}")
    assert problems
    assert all(problem.startswith(f"{FILES[place]}: ") for problem in problems)


def test_a_version_is_cut(copy: Path) -> None:
    changelog = copy / release.CHANGELOG
    before = changelog.read_text(encoding="utf-8")
    new = "\n### Fixed\n\n- A thing.\n"
    changelog.write_text(before.replace(release.UNRELEASED, release.UNRELEASED + new, 1), encoding="utf-8")
    release.cut(copy, "9.9.9", "2030-01-02")
    problems, notes = release.check(copy, "v9.9.9")
    assert problems == []
    assert notes.startswith("### Fixed\n\n- A thing.")
    assert f"{release.UNRELEASED}\n## [9.9.9] - 2030-01-02\n{new}" in changelog.read_text(encoding="utf-8")
    assert "Version 9.9.9 is for Python" in (copy / release.README).read_text(encoding="utf-8")
    with pytest.raises(SystemExit, match="10: no version such as"):
        release.cut(copy, "10", "2030-01-02")


def test_a_version_without_its_tag_is_cut_again(copy: Path) -> None:
    """What was written after its section stood belongs to it, too: a tag without it is refused."""
    top = "# Changelog\n\n"
    since = "### Added\n\n- New.\n\n### Fixed\n\n- A thing.\n\n"
    first, older = "### Added\n\n- First.\n", "## [0.9.0] - 2029-01-01\n\n- It began.\n"
    written = f"{top}{release.UNRELEASED}\n{since}## [{current()}] - 2030-01-02\n\n{first}\n{older}"
    (copy / release.CHANGELOG).write_text(written, encoding="utf-8")
    (problem,), _ = release.check(copy, f"v{current()}")
    assert problem.endswith(f"make release VERSION={current()}")
    release.cut(copy, current(), "2030-02-03")
    assert (copy / release.CHANGELOG).read_text(encoding="utf-8") == (
        f"{top}{release.UNRELEASED}\n## [{current()}] - 2030-02-03\n\n"
        f"### Added\n\n- New.\n- First.\n\n### Fixed\n\n- A thing.\n\n{older}"
    )
    assert release.check(copy, f"v{current()}")[0] == []
    run(copy, "git", "init", "--quiet")
    run(copy, "git", "add", "--all")
    run(copy, "git", "commit", "--quiet", "--message", "It stands")
    run(copy, "git", "tag", f"v{current()}")
    with pytest.raises(SystemExit, match="is released: git has its tag"):
        release.cut(copy, current(), "2030-02-03")


def test_the_table_has_the_versions_of_the_lock() -> None:
    page = (TEMPLATE / compatibility.PAGE).read_text(encoding="utf-8")
    assert compatibility.with_row(page, compatibility.row()) == page, "run `make lock`"
    cells = compatibility.row().strip("| \n").split(" | ")
    assert cells[0] == current()
    assert len(cells) == len(compatibility.LIBRARIES) + 2


def test_a_version_keeps_its_row() -> None:
    page = "# T\n\n| template | DVC |\n|---|---|\n| 1.0.0 | 3.1 |\n\nMore.\n"
    assert compatibility.with_row(page, "| 1.0.0 | 3.2 |") == page.replace("3.1", "3.2")
    later = compatibility.with_row(page, "| 1.1.0 | 3.2 |")
    assert later == page.replace("|---|---|\n", "|---|---|\n| 1.1.0 | 3.2 |\n")


def test_the_badges_are_true() -> None:
    drawn = badges.badges()
    assert {path.name: path.read_text(encoding="utf-8") for path in badges.FOLDER.iterdir()} == drawn
    assert f">v{current()}</text>" in drawn["version.svg"]
    assert ">MIT</text>" in drawn["licence.svg"]
    readme = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    assert all(f"(docs/badges/{name})" in readme for name in drawn)
