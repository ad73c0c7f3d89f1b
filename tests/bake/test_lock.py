"""The locks: each for every Python and system, by the project's own command; the second has the first."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from jinja2 import Environment

from scripts import lock
from tests.conftest import Bake
from tests.support.baked import Baked

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


def test_installed_names_are_reserved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = tmp_path / "cookiecutter.json"
    answers.write_bytes(lock.ANSWERS.read_bytes())
    before = json.loads(answers.read_text("utf-8"))
    monkeypatch.setattr(lock, "ANSWERS", answers)
    lock.reserve({"b", "a"})
    before["_reserved"]["a module that the project installs"] = "a b"
    assert json.loads(answers.read_text("utf-8")) == before


def test_parse_keeps_every_line() -> None:
    text = "# header\na==1 ; x \\\n    --hash=sha256:0\na==2 ; y\nb-c.d==3\n"
    packages = lock.parse(text)
    assert list(packages) == ["", "a", "b-c.d"]
    assert "".join(packages.values()) == text


@pytest.mark.parametrize("name", lock.COMPILE)
@pytest.mark.parametrize("answers", REMOTES, ids=["base", "plugin"])
def test_every_pin_has_hashes(baked: Bake, answers: dict[str, str], name: str) -> None:
    text = baked(**answers).read(name)
    assert text.splitlines()[1] == f"#    {lock.COMPILE[name]}"
    packages = {name: lines for name, lines in lock.parse(text).items() if name}
    assert list(packages) == sorted(packages)
    for lines in packages.values():
        assert re.fullmatch(r"([\w.-]+==\S+( ; .+?)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+)+", lines)


def test_ranges_are_met(baked: Bake) -> None:
    """Each requirement of pyproject.toml is locked: what runs in both, the rest in the second."""
    project = baked(dvc_remote_url="gs://bucket")
    declared = tomllib.loads(project.read("pyproject.toml"))["project"]
    runs, tools, cluster = (
        {re.split(r"[<>=\[]", requirement)[0] for requirement in listed}
        for listed in (
            declared["dependencies"],
            *map(declared["optional-dependencies"].get, ("dev", "cluster")),
        )
    )
    to_run, to_develop = (lock.parse(project.read(name)) for name in lock.COMPILE)
    assert {"dvc", "dvc-gs"} <= runs <= set(to_run)
    assert {"pytest", "uv"} <= tools <= set(to_develop) - set(to_run)
    assert {"distributed"} == cluster <= set(to_develop) - set(to_run)
    assert not {"locust", "openpyxl", "pyspark"} & set(to_develop)  # extras of those whose data need them
    # on more systems, perhaps, since a tool may need it there, too
    pins = [
        re.findall(r"^\S+==\S+", "".join(packages.values()), re.MULTILINE)
        for packages in (to_run, to_develop)
    ]
    assert set(pins[0]) < set(pins[1])
    assert {pin.split("==")[0] for pin in set(pins[1]) - set(pins[0])} & set(to_run) == set()


def test_only_the_job_that_checks_installs_tools(baked: Bake) -> None:
    """And the one that compiles the locks anew, when it does."""
    jobs = {
        "": baked().read(".github/workflows/ci.yml"),
        "promote": baked().read(".github/workflows/promote.yml"),
        "retrain": baked().read(".github/workflows/retrain.yml"),
        "gitlab": baked(ci="gitlab").read(".gitlab-ci.yml"),
    }
    wanted = {"": [2, 1, 1], "promote": [1], "retrain": [1, 1, 2, 1], "gitlab": [1, 2, 2, 1]}
    for name, text in jobs.items():
        found = re.findall(r"pip install -r requirements(-dev)?\.txt", text)
        assert [1 + bool(dev) for dev in found] == wanted[name], name


@pytest.mark.slow
@pytest.mark.parametrize("answers", REMOTES, ids=["base", "plugin"])
def test_the_projects_own_commands_make_the_same(bake: Bake, answers: dict[str, str]) -> None:
    project = bake(**answers)
    for name in lock.COMPILE:
        command = project.read(name).splitlines()[1].removeprefix("#").split()
        project.run(sys.executable, "-m", *command)
    assert project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.slow
def test_uv_and_pip_agree(baked: Bake, environment: Path) -> None:
    """In the project's folder, where uv reads its settings: nothing is left to install, for either."""
    project = Baked(baked().path, environment)
    done = project.run("uv", "pip", "sync", "--dry-run", "requirements-dev.txt")
    assert "Would make no changes" in done.stderr
    python = str(environment / "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    report = project.run(
        *pip, "install", "--dry-run", "--no-deps", "--require-hashes", "-r", "requirements-dev.txt"
    ).stdout
    assert "Would install" not in report
    assert "already satisfied" in report
    project.run(*pip, "check")
