import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from types import CodeType
from typing import Any

import pytest
from cookiecutter.environment import StrictEnvironment
from cookiecutter.main import cookiecutter
from filelock import FileLock
from jinja2 import Environment

from tests.support import serving
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.running import reproduce, restored
from tests.support.warm import warmed

# Threads of a fit that wait for each other give the core to the other tests; read when a library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Bake = Callable[..., Baked]
SERVERS = Path(__file__).with_name("servers")
STARTING = {"tracking_server", "older_server"}  # fixtures that start a server
LONG = (  # these begin, in this order
    "bake/test_pythons.py",
    "pipeline/test_models.py",
    "pipeline/test_experiments.py",
    "pipeline/test_tutorial.py",
    "servers/test_ci.py",
    "pipeline/test_change_it.py",
    "pipeline/test_tune.py",
    "pipeline/test_registry.py",
    "pipeline/test_pipeline.py",
    "pipeline/test_reproduce.py",
    "pipeline/test_sharing.py",
    "bake/test_demo.py",
    "bake/test_cruft.py",
    "pipeline/test_adopt.py",
    "pipeline/test_mistakes.py",
    "pipeline/test_changes.py",
)

# a background job of a shell ignores Ctrl-C, and what it starts would, too
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts a server; begin with the longest files, so that no process is left alone with one."""
    for item in items:
        if SERVERS in item.path.parents or STARTING & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")
            item.add_marker("slow")
    items.sort(key=rank)


def rank(item: pytest.Item) -> tuple[int, bool]:
    file = f"{item.path.parent.name}/{item.path.name}"
    return LONG.index(file) if file in LONG else len(LONG), item.path.parent.name in ("engine", "bake")


@pytest.fixture(scope="session", autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the tests' own environment nor this machine's configuration reaches a baked project."""
    home = tmp_path_factory.mktemp("home")
    (home / "cookiecutter.yaml").write_text(
        f"replay_dir: {home}/replay\ncookiecutters_dir: {home}/templates\n"
    )
    (home / "gitconfig").write_text("[user]\nname = A Tester\nemail = tester@example.com\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("GIT_", "DVC_", "MLFLOW_", "COOKIECUTTER_", "PYTHON", "VIRTUAL_ENV")):
                patch.delenv(name)
        patch.setenv("COOKIECUTTER_CONFIG", str(home / "cookiecutter.yaml"))
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("OMP_NUM_THREADS", "1")  # small fits beside each other: threads would only wait
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Let Jinja compile each file of the template once, which is most of what a bake takes."""
    kept: dict[tuple[object, ...], CodeType] = {}

    def compile_once(self: StrictEnvironment, source: str, *of: Any, **how: Any) -> CodeType:
        key = (source, *of, *how.items(), self.keep_trailing_newline, self.trim_blocks, self.lstrip_blocks)
        if key not in kept:
            kept[key] = Environment.compile(self, source, *of, **how)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StrictEnvironment, "compile", compile_once)
        yield


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Bake:
    """Bakes without hooks, and each set of answers once: for tests that only read."""
    cache: dict[tuple[tuple[str, str], ...], Baked] = {}

    def bake_once(**answers: str) -> Baked:
        key = tuple(sorted(answers.items()))
        if key not in cache:
            cache[key] = bake_into(tmp_path_factory.mktemp("baked"), answers, accept_hooks=False)
        return cache[key]

    return bake_once


@pytest.fixture
def bake(tmp_path: Path) -> Bake:
    """Bakes a project of the test's own, with hooks, in a new folder."""
    return lambda accept_hooks=True, **answers: bake_into(Path(mkdtemp(dir=tmp_path)), answers, accept_hooks)


def bake_into(folder: Path, answers: dict[str, str], accept_hooks: bool) -> Baked:
    path = cookiecutter(
        str(TEMPLATE), no_input=True, extra_context=answers, output_dir=str(folder), accept_hooks=accept_hooks
    )
    return Baked(Path(path))


@pytest.fixture(scope="session")
def shims(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Iterator[Path | None]:
    """Stand before the environment's programs, so that they start in no time."""
    with warmed(tmp_path_factory.mktemp("warm"), environment) as folder:
        yield folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, environment: Path, shims: Path | None) -> Baked:
    """The default project after its first run; nobody changes it but through `project`."""
    project = bake_into(tmp_path_factory.mktemp("finished"), {}, True).within(environment, shims)
    reproduce(project)
    return project


@pytest.fixture
def project(finished: Baked) -> Iterator[Baked]:
    """The default project after its first run, put back after the test; the store keeps what was logged."""
    with restored(finished):
        yield finished


@pytest.fixture
def copy(finished: Baked, tmp_path: Path) -> Baked:
    """The finished project in a folder of the test's own, with an empty store."""
    path = tmp_path / "copy"
    shutil.copytree(finished.path, path, symlinks=True, ignore=shutil.ignore_patterns("mlflow.db", "mlruns"))
    return replace(finished, path=path)


@pytest.fixture
def tracking_server(tmp_path: Path, environment: Path) -> Iterator[str]:
    with serving.tracking_server(tmp_path, environment) as url:
        yield url


@pytest.fixture
def older_server(tmp_path: Path) -> Iterator[str]:
    """A server of MLflow 2, from an environment that stays as that of `environment` does."""
    venv = TEMPLATE / ".environments" / "mlflow-2.22"
    venv.parent.mkdir(exist_ok=True)
    with FileLock(f"{venv}.lock"):
        if not (venv / "whole").exists():
            uv = (sys.executable, "-m", "uv")
            run(TEMPLATE, *uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv)
            run(
                TEMPLATE,
                *uv,
                "pip",
                "install",
                "--quiet",
                "--python",
                venv,
                "mlflow==2.22.*",
                "sqlalchemy<2.1",
            )
            (venv / "whole").touch()
    with serving.tracking_server(tmp_path, venv / ("Scripts" if os.name == "nt" else "bin")) as url:
        yield url


@pytest.fixture(scope="session")
def environment(baked: Bake) -> Path:
    """The programs of one environment, installed from the default project's lock, for all real runs."""
    return installed(baked().path / "requirements-dev.txt", sys.executable)


def installed(lock: Path, python: str) -> Path:
    """Install a lock under a Python; return the programs' folder.

    It stays, for the next time that the tests run, until the lock or the Python is another one.
    """
    base = TEMPLATE / ".environments"
    base.mkdir(exist_ok=True)
    version = run(base, python, "-VV").stdout
    venv = base / hashlib.md5(lock.read_bytes() + version.encode()).hexdigest()[:12] / ".venv"
    bin = venv / ("Scripts" if os.name == "nt" else "bin")
    with FileLock(base / "lock"):
        if not (whole := venv.parent / "whole").exists():
            uv = (sys.executable, "-m", "uv")
            run(base, *uv, "venv", "--quiet", "--clear", "--python", python, venv)
            run(base, *uv, "pip", "install", "--quiet", "--python", bin / "python", "-r", lock)
            whole.touch()  # last, so that an interrupted installation is made again
    return bin
