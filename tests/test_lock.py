"""requirements.txt: one lock for every Python and system, made by the project's own command."""

import re
import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from scripts import lock
from tests.baked import Baked
from tests.conftest import Bake

REMOTES = [{}, {"dvc_remote_url": "gs://bucket"}]


def test_merge_renders_each_lock() -> None:
    """A package that all have, that some have, and that differs."""
    locks = {
        "": {"": "# header\n", "all": "all==1\n", "pin": "pin==1\n"},
        "dvc-a": {"": "# header\n", "all": "all==1\n", "pin": "pin==2 ; marker\n", "some": "some==1\n"},
        "dvc-b": {
            "": "# header\n",
            "aaa": "aaa==1\n",
            "all": "all==1\n",
            "pin": "pin==1\n",
            "some": "some==1\n",
        },
    }
    merged = Environment(keep_trailing_newline=True).from_string(lock.merge(locks))
    for plugin, packages in locks.items():
        assert merged.render(cookiecutter={"__dvc_plugin": plugin}) == "".join(
            packages[name] for name in sorted(packages)
        )


def test_parse_keeps_every_line() -> None:
    text = "# header\na==1 ; x \\\n    --hash=sha256:0\na==2 ; y\nb-c.d==3\n"
    packages = lock.parse(text)
    assert list(packages) == ["", "a", "b-c.d"]
    assert "".join(packages.values()) == text


@pytest.mark.parametrize("answers", REMOTES, ids=["base", "plugin"])
def test_every_pin_has_hashes(baked: Bake, answers: dict[str, str]) -> None:
    text = baked(**answers).read("requirements.txt")
    assert text.splitlines()[1] == f"#    {lock.COMPILE}"
    packages = {name: lines for name, lines in lock.parse(text).items() if name}
    assert list(packages) == sorted(packages)
    for lines in packages.values():
        assert re.fullmatch(r"([\w.-]+==\S+( ; .+?)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+)+", lines)


def test_ranges_are_met(baked: Bake) -> None:
    """Each requirement of pyproject.toml is locked."""
    project = baked(dvc_remote_url="gs://bucket")
    names = re.findall(r'^    "([a-z0-9-]+)[<>=]', project.read("pyproject.toml"), re.MULTILINE)
    assert {"dvc", "dvc-gs", "pytest"} <= set(names) <= set(lock.parse(project.read("requirements.txt")))


@pytest.mark.slow
@pytest.mark.parametrize("answers", REMOTES, ids=["base", "plugin"])
def test_the_projects_own_command_makes_the_same(bake: Bake, answers: dict[str, str]) -> None:
    project = bake(**answers)
    command = project.read("requirements.txt").splitlines()[1].removeprefix("#").split()
    project.run(sys.executable, "-m", *command)
    assert project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.slow
def test_uv_and_pip_agree(baked: Bake, environment: Path) -> None:
    """In the project's folder, where uv reads its settings: nothing is left to install, for either."""
    project = Baked(baked().path, environment)
    done = project.run("uv", "pip", "sync", "--dry-run", "requirements.txt")
    assert "Would make no changes" in done.stderr
    python = str(environment / "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    report = project.run(
        *pip, "install", "--dry-run", "--no-deps", "--require-hashes", "-r", "requirements.txt"
    ).stdout
    assert "Would install" not in report
    assert "already satisfied" in report
    project.run(*pip, "check")
