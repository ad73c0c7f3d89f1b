"""What `dvc repro` costs when nothing has changed, and when it must not be spared."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

import mlflow
import pytest
from penguins.engine.base import paths
from penguins.engine.registration import decide as registration
from penguins.engine.registration import receipt
from penguins.stages import register

from tests.engine.conftest import ROOT


@pytest.fixture
def unchanged(finished: Path) -> Iterator[Path]:
    """The finished project, whatever the test before has changed in it: registered, and left alone."""
    if receipt.read() is None:
        register.main()
    assert receipt.read()
    model = paths.MODEL.read_bytes()
    yield finished
    if paths.MODEL.read_bytes() != model:
        paths.MODEL.write_bytes(model)


def said(path: Path, name: str) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))[name])


def test_nothing_changed_and_the_registry_is_not_asked(
    unchanged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = paths.REGISTRATION.read_text(encoding="utf-8")
    paths.REGISTRATION.unlink()  # as DVC does
    monkeypatch.delattr(registration, "decide")
    register.main()
    assert paths.REGISTRATION.read_text(encoding="utf-8") == before
    assert "already registered" in capsys.readouterr().out


def test_nothing_changed_and_nothing_is_imported_that_takes_a_while(unchanged: Path) -> None:
    program = """
import sys
sys.argv = ["penguins", "register"]
from penguins.engine import cli
cli.main()
slow = {"mlflow", "numpy", "pandas", "pyarrow", "sklearn", "dotenv"}
slow |= {"argparse", "ast", "dataclasses", "inspect", "logging", "shutil", "subprocess", "traceback"}
print(sorted(slow & sys.modules.keys()))
"""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert "already registered" in done.stdout, done.stderr
    assert done.stdout.endswith("[]\n")


def tag_a_run() -> None:
    mlflow.MlflowClient().set_tag(said(paths.EVALUATION, "run_id"), "note", "looked at")


def promote() -> None:
    version = said(paths.REGISTRATION, "version")
    mlflow.MlflowClient().set_registered_model_alias("things", "champion", version)


def edit(path: Path) -> Callable[[], object]:
    return lambda: path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    "change",
    [
        tag_a_run,
        lambda: rmtree("mlruns"),
        promote,
        edit(paths.PARAMS),
        edit(paths.MODEL),
        edit(paths.METRICS),
        edit(paths.EVALUATION),
        edit(Path("dvc.yaml")),
        paths.VALIDATED.touch,
    ],
    ids=["tagged", "files of the model", "promoted", "params", "model", "metrics", "run", "pipeline", "data"],
)
def test_what_changed_is_seen(unchanged: Path, change: Callable[[], object]) -> None:
    change()
    assert receipt.read() is None


def test_another_store_is_asked(unchanged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Path("mlflow.db").read_bytes()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    Path("other.db").write_bytes(kept)
    assert receipt.read() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:5000")
    assert receipt.read() is None
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    Path("mlflow.db").rename("kept.db")
    assert receipt.read() is None
    Path("mlflow.db").write_bytes(kept)  # from a backup, say
    assert receipt.read() is None
    Path("kept.db").replace("mlflow.db")
    assert receipt.read()


def test_code_that_was_added_is_seen(unchanged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("code").mkdir()
    Path("code/new.py").touch()
    monkeypatch.setattr(receipt, "CODE", Path("code"))
    assert receipt.read() is None


def test_a_receipt_that_cannot_be_read_is_none(unchanged: Path) -> None:
    for text in ("", "[]", "{}", '{"decision": {"unknown": 1}}'):
        receipt.place().write_text(text, encoding="utf-8")
        assert receipt.read() is None


@pytest.mark.slow
def test_no_variable_is_added_while_there_are_threads(unchanged: Path) -> None:
    """C's setenv moves all variables when one is added, under the eyes of a thread that reads one."""
    program = """
import os, sys, threading
names = set(os.environ)
added = []
def hook(event, args):
    if event == "os.putenv" and (name := args[0].decode()) not in names:
        names.add(name)
        added.append((name, begun))
sys.addaudithook(hook)
begun = False
from penguins.engine.base import background
start = background.start
def noted(work):
    global begun
    begun = True
    return start(work)
background.start = noted
sys.argv = ["penguins", "train"]
from penguins.engine import cli
cli.main()
print([name for name, late in added if late], begun)
"""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "KMP"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1:] == ["[] True"], (done.stdout, done.stderr)


def test_where_only_ci_registers_it_is_judged(
    unchanged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    params, registered = paths.PARAMS.read_text("utf-8"), "already registered: things version"
    store = mlflow.MlflowClient()

    def judged(name: str) -> str:
        paths.PARAMS.write_text(params.replace("name: things", f"name: {name}\n  by: ci"), "utf-8")
        register.main()
        return " ".join(capsys.readouterr().out.split())

    try:
        runs = [run.info.run_id for run in store.search_runs(["1", "2"])]
        assert registered in judged("things")
        assert "skipped: judged only" in (text := judged("others"))
        assert "judged only: CI registers it once it is merged (register.by in params.yaml: ci)" in text
        assert "register: the gates" in text
        assert " passed register skipped" in text
        assert not store.search_registered_models("name = 'others'")
        assert [run.info.run_id for run in store.search_runs(["1", "2"])] == runs
        monkeypatch.setenv("CI", "true")
        assert "registered: others version 1 @challenger" in judged("others")
    finally:
        paths.PARAMS.write_text(params, "utf-8")
