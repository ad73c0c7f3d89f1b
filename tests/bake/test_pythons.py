"""Every Python that a project promises: the lock has wheels, the template bakes, what CI checks passes."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import Bake, installed
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.running import own_tests

PROMISED = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
SOURCES = "antlr4-python3-runtime"  # without a wheel: Python alone, which builds anywhere
UV = (sys.executable, "-m", "uv")
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
DEFAULT = ("task=classification",)
# every default that can be another one, in the case that runs everywhere: a project is green on its first day
# with a server and a bucket that are not there
OTHER = ("task=regression", "ci=gitlab", "mlflow_tracking_uri=http://127.0.0.1:1", "dvc_remote_url=s3://a/b")
CASES = [*((version, DEFAULT) for version in PROMISED), (THIS, OTHER)]


def test_these_are_the_promised_ones(baked: Bake) -> None:
    """By the project's metadata; its CI runs one of them, the template's workflow all."""
    project = baked()
    first, end = re.findall(r'requires-python = ">=3.(\d+),<3.(\d+)"', project.read("pyproject.toml"))[0]
    assert [f"3.{minor}" for minor in range(int(first), int(end))] == [*PROMISED]
    workflows = "".join(project.read(name) for name in project.files() if "/workflows/" in name)
    named = re.findall(r'python-version: "(.*)"', workflows)
    named += re.findall("image: python:(.*)", baked(ci="gitlab").read(".gitlab-ci.yml"))
    assert len(set(named)) == 1
    assert set(named) < {*PROMISED}
    workflow = (TEMPLATE / ".github/workflows/test.yml").read_text("utf-8")
    matrices = re.findall(r"python: \[(.*)\]", workflow)
    assert matrices == [", ".join(f'"{version}"' for version in PROMISED)] * 2


def interpreter(version: str, folder: Path) -> str:
    """This one, one that pyenv keeps, which is on no PATH, or what uv finds."""
    if version == THIS:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = next(pyenv.glob(f"versions/{version}.*/bin/python"), version)
    done = run(folder, *UV, "python", "find", str(kept), check=False)
    if done.returncode:
        pytest.skip(f"there is no Python {version} here: {done.stderr.strip()}")
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize(("version", "answers"), CASES)
def test_bakes_and_passes_what_ci_checks(
    version: str, answers: tuple[str, ...], tmp_path: Path, environment: Path, shims: Path | None
) -> None:
    python = interpreter(version, tmp_path)
    # cookiecutter in an environment of its own: the hooks run under its Python
    baker = tmp_path / "baker" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(tmp_path, *UV, "venv", "--quiet", "--python", python, "baker")
    install = ("pip", "install", "--quiet", "--python", baker, "cookiecutter")
    run(tmp_path, *UV, *install, "--constraint", TEMPLATE / "tests/requirements.txt")
    folder = tmp_path / "among pingüinos, 企鹅 & ¢"
    bake = ("cookiecutter", str(TEMPLATE), "--no-input", f"--output-dir={folder}", *answers)
    run(tmp_path, baker, "-m", *bake)
    bin = installed(folder / "penguins/requirements-dev.txt", python)
    # the second time under this Python, its programs start in no time
    again = bin == environment and (version, answers) != CASES[PROMISED.index(THIS)]
    project = Baked(folder / "penguins", bin, shims if again else None)
    assert project.run("git", "log", "--format=%s").stdout.count("\n") == 1

    assert project.run("python", "--version").stdout.startswith(f"Python {version}.")
    project.run("ruff", "format", "--check", ".")
    project.run("ruff", "check", ".")
    project.run("mypy", "--cache-dir", str(bin.parents[1] / "mypy"))
    own_tests(project)


@pytest.mark.slow
@pytest.mark.parametrize("version", PROMISED)
def test_the_lock_has_wheels_for_every_system(baked: Bake, version: str, tmp_path: Path) -> None:
    """uv knows without the interpreter: nothing would have to be built."""
    lock = baked().path / "requirements-dev.txt"
    wheels = ("--only-binary", ":all:", "--no-binary", SOURCES, "--no-deps", "--require-hashes")
    for platform in PLATFORMS:
        what = ("--python-version", version, "--python-platform", platform, "--target", tmp_path)
        done = run(tmp_path, *UV, "pip", "install", "--dry-run", *what, *wheels, "-r", lock)
        assert int(re.findall(r"Would install (\d+) packages", done.stderr)[0]) > 200
