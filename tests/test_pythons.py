"""The other Pythons: the template bakes under each, and a project made under it passes its own tests."""

import os
import sys
from pathlib import Path

import pytest

from tests.baked import TEMPLATE, Baked, run

UV = (sys.executable, "-m", "uv")
VERSIONS = {"3.11", "3.12", "3.13"} - {f"{sys.version_info.major}.{sys.version_info.minor}"}


def interpreter(version: str) -> str:
    """One that pyenv keeps, which is on no PATH; else the version, for uv to find or to fetch."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return str(next(pyenv.glob(f"versions/{version}.*/bin/python"), version))


def make_venv(folder: Path, version: str) -> Path:
    done = run(folder, *UV, "venv", "--quiet", "--python", interpreter(version), "venv", check=False)
    if done.returncode and "CI" not in os.environ:
        pytest.skip(f"uv finds no Python {version} here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return folder / "venv" / ("Scripts" if os.name == "nt" else "bin")


@pytest.mark.slow
@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_bakes_and_passes_its_own_tests(version: str, tmp_path: Path) -> None:
    bin = make_venv(tmp_path, version)
    install = (*UV, "pip", "install", "--quiet", "--python", bin / "python")
    run(tmp_path, *install, "cookiecutter", "--constraint", TEMPLATE / "tests/requirements.txt")
    run(
        tmp_path,
        bin / "python",
        "-m",
        "cookiecutter",
        str(TEMPLATE),
        "--no-input",
        f"--output-dir={tmp_path}",
    )
    project = Baked(tmp_path / "penguins", bin)
    assert project.run("git", "log", "--format=%s").stdout.count("\n") == 1

    run(
        tmp_path, *UV, "pip", "sync", "--quiet", "--python", bin / "python", project.path / "requirements.txt"
    )
    assert project.run("python", "--version").stdout.startswith(f"Python {version}.")
    project.run("pytest", "-q", "-p", "no:cacheprovider")
