"""`doctor`: each of its checks, when all is well and when it is not; and the remote's files, one by one."""

import json
import os
import platform
import shutil
import sqlite3
from argparse import Namespace
from collections import namedtuple
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from dvc.config import Config
from dvc.repo import Repo
from penguins.engine import __version__
from penguins.engine.base.errors import UserError
from penguins.engine.commands import doctor as command
from penguins.engine.diagnosis import checks, data, machine, repository, store
from penguins.engine.diagnosis.finding import Finding
from penguins.engine.tracking import health

from tests.engine.conftest import set_up
from tests.support.repository import git

EMPTY = {"json": False, "remote": False, "all_commits": False, "repair": False}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a project whose data DVC tracks and has pushed, a folder among them."""
    with pytest.MonkeyPatch.context() as patch:
        (folder := tmp_path_factory.mktemp("ready") / "project").mkdir()
        set_up(folder, patch)
        (folder / "requirements.txt").write_text("pytest==0.1 \\\n    --hash=sha256:00\n", encoding="utf-8")
        git("init", "--quiet", "--initial-branch=main", cwd=folder)
        git("config", "user.name", "Me", cwd=folder)
        git("config", "user.email", "me@example.com", cwd=folder)
        (folder / "data/parts").mkdir()
        for name in "ab":
            (folder / f"data/parts/{name}.csv").write_text(f"{name}\n", encoding="utf-8")
        with Repo.init() as repo:
            with repo.config.edit("repo") as config:
                config["core"] = {"remote": "storage", "analytics": False}
                config["remote"] = {"storage": {"url": str(folder.with_name("store"))}}
            repo.add("data/raw/table.csv")
            repo.add("data/parts")
        with Repo() as repo:
            repo.push(["data/raw/table.csv.dvc", "data/parts.dvc"])
        git("add", "--all", cwd=folder)
        git("commit", "--quiet", "--message", "all", cwd=folder)
        yield folder


@pytest.fixture
def here(ready: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide the same in the current folder; the remote is put back after the test."""
    monkeypatch.chdir(ready)
    monkeypatch.setenv("DVC_ROOT", str(ready))
    remote, kept = ready.with_name("store"), ready.with_name("kept")
    shutil.copytree(remote, kept)
    yield ready
    shutil.rmtree(remote, ignore_errors=True)
    kept.rename(remote)


def test_the_machine(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = f"python {platform.python_version()}, dvc {version('dvc')}, great-expectations "
    assert f"{__version__} on {platform.system()} " in str(machine.engine())
    assert versions in str(machine.engine())
    assert machine.python().state == "ok"
    wanted = (here / "pyproject.toml").read_text(encoding="utf-8")
    (here / "pyproject.toml").write_text(wanted.replace(">=3.11", ">=3.99"), encoding="utf-8")
    assert "and the project needs >=3.99,<3.15; make its .venv again" in str(machine.python())
    (here / "pyproject.toml").write_text(wanted, encoding="utf-8")

    assert machine.packages().state == "problem"
    assert f"pytest {pytest.__version__} (0.1); `pip install -r requirements.txt`" in str(machine.packages())
    lock = f"pytest=={pytest.__version__} \\\n    --hash=sha256:00\nno-such==1 ; sys_platform == 'no' \\\n"
    (here / "requirements.txt").write_text(lock, encoding="utf-8")
    assert machine.packages() == Finding("all 1 as in requirements.txt")

    usage = namedtuple("usage", "free")
    for free, state in ((9, "ok"), (1, "warning"), (0.1, "problem")):
        monkeypatch.setattr(shutil, "disk_usage", lambda place, free=free: usage(free * machine.GIB))
        assert machine.disk().state == state

    for name, off in machine.OFF.items():
        monkeypatch.setenv(name, off[0])
    assert machine.telemetry() == Finding("off")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "no")
    assert str(machine.telemetry()).startswith("on, by MLFLOW_DISABLE_TELEMETRY; ")


def test_the_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repository.commits().text.startswith("main at ")
    git("config", "--unset", "user.email", cwd=here)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert str(repository.commits()).endswith('who you are; `git config --global user.email "…"`')
    git("config", "user.email", "me@example.com", cwd=here)
    monkeypatch.chdir(here.parent)
    assert "not a git repository: run `git init`" in str(repository.commits())


def test_params_and_expectations(here: Path) -> None:
    assert repository.params() == Finding(
        "params.yaml is valid: hist_gradient_boosting on data/raw/table.csv"
    )
    params = (here / "params.yaml").read_text(encoding="utf-8")
    (here / "params.yaml").write_text(params.replace("seed:", "sed:"), encoding="utf-8")
    assert repository.params().state == "problem"
    assert repository.params().text.startswith("params.yaml:")
    (here / "params.yaml").write_text(params, encoding="utf-8")

    suite = here / "expectations/penguins.yaml"
    kept = suite.read_text(encoding="utf-8")
    assert repository.expectations().state == "ok"
    suite.write_text(kept.replace("to_be_between", "to_be_betwixt"), encoding="utf-8")
    assert "penguins.yaml:2: " in repository.expectations().text
    suite.write_text(kept, encoding="utf-8")


def test_dvc(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data.cache() == Finding(str(here / ".dvc/cache"))
    assert data.shared() == Finding(f"{here.with_name('store')} can be read and written")
    assert data.files().state == "ok" or "were not made yet; `dvc repro`" in str(data.files())
    (here / "data/raw/table.csv").rename(here / "elsewhere")
    assert str(data.files()).endswith("such as data/raw/table.csv; `dvc pull`")
    (here / "elsewhere").rename(here / "data/raw/table.csv")
    rwlock = here / ".dvc/tmp/rwlock"
    assert data.locks().state == "ok"
    rwlock.write_text('{"read": {}, ', encoding="utf-8")
    assert str(data.locks()).endswith("refuses it; delete it while no `dvc` runs")
    rwlock.unlink()
    assert data.locks().state == "ok"
    shutil.rmtree(here.with_name("store"))
    assert data.shared().state == "warning"
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert data.cache().state == "problem"


def test_a_local_store(here: Path) -> None:
    (found,) = store.tracking()
    assert found.text == "mlflow.db: nothing is logged yet, the first run makes it"
    database = here / "mlflow.db"
    with sqlite3.connect(database) as made:
        made.execute("CREATE TABLE experiments (name TEXT, artifact_location TEXT)")
        made.execute("CREATE TABLE runs (id TEXT)")
    assert store.tracking() == [Finding("mlflow.db with 0 runs")]
    with sqlite3.connect(database) as made:
        made.execute("INSERT INTO experiments VALUES (?, ?)", ("penguins", "file:///gone/mlruns"))
    (found,) = store.tracking()
    assert found.state == "problem"
    assert "repair-paths` corrects the paths" in found.text
    database.write_bytes(b"no database at all" * 99)
    (found,) = store.tracking()
    assert "damaged: file is not a database; `python -m penguins restore`" in str(found)
    database.unlink()


@pytest.mark.parametrize(
    ("version", "ahead", "states"),
    [
        ("3.17.0", 0, ["ok", "ok"]),
        ("3.99.1", -61, ["warning", "warning"]),
        ("3.1.0", 61, ["warning", "warning"]),
    ],
)
def test_a_server(
    version: str, ahead: float, states: list[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise UserError("the artifacts cannot be written")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@localhost:1")
    monkeypatch.setattr(health, "ask_server", lambda: health.Server(version, "3.17.2", "me", ahead))
    monkeypatch.setattr(health, "check_artifacts", refuse)
    found = store.tracking()
    assert [finding.state for finding in found] == [*states, "problem"]
    assert found[0].text.startswith(f"http://***@localhost:1 as me: MLflow {version}")


def test_a_check_that_fails_is_a_finding_and_the_rest_go_on(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Finding:
        raise KeyError("odd")

    monkeypatch.setattr(checks, "CHECKS", {"first": fail, "second": lambda: Finding("well")})
    monkeypatch.setattr(repository, "begin_expectations", lambda: repository.expectations)
    with pytest.raises(SystemExit) as end:
        command.main(Namespace(**EMPTY))
    assert end.value.code == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["problem", "first", "cannot", "be", "checked:", "KeyError:", "'odd'"]
    assert second.split() == ["ok", "second", "well"]
    monkeypatch.setattr(checks, "CHECKS", {"second": lambda: Finding("s3://me:secret@well")})
    command.main(Namespace(**{**EMPTY, "json": True}))
    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {"check": "second", "text": "s3://***@well", "fix": "", "state": "ok"}
    with pytest.raises(UserError, match="go with `--remote`"):
        command.main(Namespace(**{**EMPTY, "repair": True}))


def test_what_the_remote_has_lost_is_found_and_sent_again(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def doctor(**options: bool) -> None:
        command.main(Namespace(**{**EMPTY, "remote": True, **options}))

    remote, cache = here.with_name("store"), here / ".dvc/cache"
    doctor()
    assert f"{remote}: 4 of 4 files are there as they were committed" in capsys.readouterr().out
    files = [path for path in (remote / "files/md5").rglob("*") if path.is_file()]
    gone = next(path for path in files if path.read_bytes() == b"a\n")
    changed = next(path for path in files if path.stat().st_size > 999)
    gone.unlink()
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes()[:-1] + b"!")
    with Repo() as repo:
        assert repo.push(["data/parts.dvc"]) == 0  # DVC does not see it
    with pytest.raises(
        UserError, match=r"^2 of the 2 can be sent again from here: .* doctor --remote --repair"
    ):
        doctor()
    printed = capsys.readouterr().out
    assert "data/parts/a.csv: " in printed
    assert "is missing there, intact here" in printed
    assert "is of another content there, intact here" in printed

    hidden = cache / gone.relative_to(remote)
    kept = hidden.read_bytes()
    hidden.unlink()
    with pytest.raises(UserError, match=r"^1 are not here: .* in a clone that has them"):
        doctor(repair=True)
    hidden.write_bytes(kept)
    doctor(repair=True, json=True)
    (damaged,) = json.loads(capsys.readouterr().out.partition("\n{")[2].join(("{", "")))["damaged"]
    assert damaged["repaired"]
    doctor(all_commits=True)
    assert "4 of 4 files" in capsys.readouterr().out
    assert gone.read_bytes() == kept

    (folder,) = remote.rglob("*.dir")
    folder.unlink()
    for listed in cache.rglob("*.dir"):
        listed.unlink()
    with pytest.raises(UserError, match=r"^1 are not here"):
        doctor()
    assert Config(".dvc")["core"]["analytics"] is False
