"""Checks of the engine, Python, the packages, the disk, and the telemetry of the libraries."""

import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from .. import __version__
from ..base.paths import PACKAGE, REQUIREMENTS, project_root
from ..lineage.versions import installed
from .finding import Finding, problem, warning

PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)
SHOWN = 3  # how many of the packages that differ are named
GIB = 1 << 30
LOW, TOO_LOW = 2.0, 0.2  # GiB of free space
OFF = {"MLFLOW_DISABLE_TELEMETRY": ("true", "1"), "GX_ANALYTICS_ENABLED": ("false", "0")}


def engine() -> Finding:
    """Name what others have to know to answer a question: the engine, the kind of machine, the libraries."""
    versions = installed()
    machine = versions.pop("platform")
    return Finding(f"{__version__} on {machine}: {', '.join(map(' '.join, versions.items()))}")


def python() -> Finding:
    """Compare Python's version with the one that the project requires."""
    project = tomllib.loads((project_root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted, here = str(project.get("requires-python", "")), sys.version.split()[0]
    if SpecifierSet(wanted).contains(here, prereleases=True):
        return Finding(f"{here} at {sys.executable}")
    return problem(f"{here} at {sys.executable}, and the project needs {wanted}", "make its .venv again")


def packages() -> Finding:
    """Compare the installed packages with the lock."""
    path = project_root() / REQUIREMENTS
    if not path.is_file():
        return problem(f"there is no {REQUIREMENTS}", "`git checkout -- requirements.txt`")
    pinned = list(_pinned(path.read_text(encoding="utf-8")))
    differ = [f"{name} {_installed(name)} ({lock})" for name, lock in pinned if _installed(name) != lock]
    if not differ:
        return Finding(f"all {len(pinned)} as in {REQUIREMENTS}")
    more = f" and {len(differ) - SHOWN} more" if len(differ) > SHOWN else ""
    what = f"not as in {REQUIREMENTS}, whose versions are in brackets: {', '.join(differ[:SHOWN])}{more}"
    return problem(what, f"`pip install -r {REQUIREMENTS}`")


def _pinned(lock: str) -> Iterator[tuple[str, str]]:
    """List the packages that a lock pins for this machine, with their versions."""
    for name, pinned, marker in PINNED.findall(lock):
        if not marker or Marker(marker).evaluate():
            yield name, pinned


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def disk() -> Finding:
    """Check that there is free space where the project, DVC's cache and temporary files are."""
    root = project_root()
    places = {root, Path(tempfile.gettempdir())}
    if (cache := root / ".dvc" / "cache").is_dir():
        places.add(cache.resolve())
    free = {place: shutil.disk_usage(place).free / GIB for place in places}
    place = min(free, key=lambda place: free[place])
    text = f"{free[place]:.1f} GiB are free in {place}"
    if free[place] >= LOW:
        return Finding(text)
    make = problem if free[place] < TOO_LOW else warning
    return make(text, f"make room; `python -m {PACKAGE} cleanup` lists runs that nothing needs")


def telemetry() -> Finding:
    """Check that DVC, MLflow and Great Expectations do not report what is done here."""
    from dvc.config import Config

    on = [name for name, off in OFF.items() if os.environ.get(name, "").lower() not in off]
    if on:
        return warning(f"on, by {' and '.join(on)}", "unset it: the project turns telemetry off")
    if Config(str(project_root() / ".dvc"))["core"].get("analytics", True):
        return warning("on for DVC", "`dvc config core.analytics false`")
    return Finding("off")
