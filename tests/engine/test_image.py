"""`image`: what a build context holds, that it is the same again, and what the server takes from it."""

import hashlib
import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from penguins.engine.base import process
from penguins.engine.base.errors import UserError
from penguins.engine.commands import image, serve
from penguins.engine.imaging import libraries
from penguins.engine.imaging.libraries import Wanted, constraints, slim
from penguins.engine.lineage.imports import imports_of
from penguins.engine.registry.predictor import Predictor
from penguins.engine.serving import served as served_module
from penguins.engine.serving.live import Live
from penguins.engine.serving.served import INSIDE, Served
from penguins.engine.serving.settings import Settings
from penguins.engine.tracking import store
from penguins.engine.tracking.requirements import REQUIRED

from tests.support.baked import TEMPLATE
from tests.support.serving import free_ports

NAMED = re.compile(r"{%.*?%}(.*){%.*")
RECIPES = TEMPLATE / "{{cookiecutter.project_slug}}/deploy/serving"
COMPILED = libraries.compiled
RESOLVED = "numpy==2.4.6 \\\n    --hash=sha256:00\n"


@pytest.fixture(scope="module")
def resolved() -> Iterator[list[tuple[str, str, str]]]:
    """What uv was asked: what is wanted, within which versions, for which Python."""
    asked: list[tuple[str, str, str]] = []

    def answer(*question: str) -> str:
        asked.append((question[0], question[1], question[2]))
        return RESOLVED

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libraries, "compiled", answer)
        yield asked


@pytest.fixture(scope="module")
def ready(finished: Path, resolved: list[Any]) -> Path:
    """The finished project, with the files that the answer `container` gives."""
    folder = finished / "deploy/serving"
    folder.mkdir(parents=True)
    for file in RECIPES.iterdir():
        name = NAMED.sub(r"\1", file.name)
        (folder / name).write_text(file.read_text().replace("{{ cookiecutter.package_name }}", "penguins"))
    (finished / "requirements.txt").write_text("starlette==1.0 \\\n    --hash=sha256:00\nnumpy==0.1\n")
    return finished


def run(command: Any, *arguments: str) -> None:
    parser = ArgumentParser()
    command.add_arguments(parser)
    command.main(parser.parse_args(arguments))


def content(folder: Path) -> dict[str, tuple[str, int, float]]:
    """Of each file and folder: what is in it, its mode, and its time."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.md5(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mode,
            path.stat().st_mtime,
        )
        for path in folder.rglob("*")
    }


def test_the_same_version_makes_the_same_folder_to_the_byte(
    ready: Path, resolved: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(image, "--model", "1")
    said = capsys.readouterr().out
    assert "docker build --tag things:1 build/things-1" in said
    assert "1, resolved now\n" in said
    params = (ready / "params.yaml").read_text()
    (ready / "params.yaml").write_text(params.replace("thresholds:", "min_skill: 0.2\n  thresholds:"))
    (ready / "requirements.txt").write_text("starlette==2.0\n")
    (Path("build/things-1/app/things")).mkdir()  # left by somebody: the folder is written anew
    run(image, "--model", "1", "--output", str(tmp_path / "again"))
    run(image, "--model", "1")
    assert "as they were resolved for this version before" in capsys.readouterr().out
    first, again = content(Path("build/things-1")), content(tmp_path / "again")
    assert first == again
    assert {
        "Dockerfile",
        ".dockerignore",
        "requirements.txt",
        "app/image.json",
        "app/model/MLmodel",
    } <= first.keys()
    assert not [name for name in first if "__pycache__" in name or "/stages" in name or "features.py" in name]
    assert (tmp_path / "again/requirements.txt").read_text() == RESOLVED
    ((asked, within, python),) = resolved
    assert "mlflow-skinny==" in asked
    assert "mlflow==" not in asked
    assert "prometheus-client\n" in asked
    assert "boto3" not in asked
    assert within == "starlette==1.0\n", "the version's own pin of numpy holds, not the lock's"
    dockerfile = (tmp_path / "again/Dockerfile").read_text()
    assert f'ARG PYTHON="{python}"' in dockerfile
    assert 'ARG VERSION="1"' in dockerfile
    assert "ARG BASE=python:${PYTHON}" in dockerfile


def test_the_server_in_an_image_serves_what_is_inside(
    ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(image, "--model", "1", "--output", str(tmp_path / "context"))
    with store.opened() as client:
        predictor = Predictor.find(client, "things", "1")
    example = {column["name"]: column.get("example") for column in predictor.known["inputs"]}
    rows = pd.DataFrame([example])
    expected = predictor.predict(rows)

    monkeypatch.setattr(served_module, "CODE", tmp_path / "context/app/penguins")
    monkeypatch.chdir(tmp_path / "context/app")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # nothing is asked
    monkeypatch.setattr(process, "CODE", served_module.CODE)
    process._check_folder()  # an image is as good as a project
    served = Served.here()
    assert served.model == INSIDE
    live = Live(Settings(served.name, served.model), served.data, served.inside)
    live.start()
    assert live.version
    assert live.version.predict(rows).equals(expected)
    assert live.version.about["version"] == "1"
    assert live.version.about["alias"] is None
    assert live.version.about["metrics"]["f1_macro"] > 0
    with pytest.raises(UserError, match="this image serves things version 1, which is inside"):
        run(serve, "--model", "2", "--port", str(free_ports(1)))
    (tmp_path / "context/app/deploy/serving").mkdir(parents=True)
    (tmp_path / "context/app/deploy/serving/Dockerfile").touch()
    with pytest.raises(UserError, match="is an image already"):
        run(image)


def test_without_an_image_nothing_is_inside(ready: Path) -> None:
    with pytest.raises(UserError, match="this is not an image with a model inside"):
        Live(Settings("things", INSIDE), Served.here().data).start()


def test_an_image_without_a_model_asks_the_registry(
    ready: Path, resolved: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        UserError, match=r"--without-model: sqlite:.* is a file, which a container does not have"
    ):
        run(image, "--model", "1", "--without-model")
    client, uri = store.connect(), "https://me:secret@mlflow.example.com"
    monkeypatch.setattr(store, "connect", lambda: client)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    to = tmp_path / "context"
    run(image, "--model", "1", "--without-model", "--log-requests", "--output", str(to))
    assert {"boto3", "pyarrow"} < set(resolved[-1][0].split())
    assert not (to / "app/model").exists()
    assert json.loads((to / "app/image.json").read_text())["inside"] is None
    assert 'tracking_uri = "https://mlflow.example.com"' in (to / "app/pyproject.toml").read_text()
    assert not [file for file in to.rglob("*") if file.is_file() and b"secret@" in file.read_bytes()]
    monkeypatch.setattr(served_module, "CODE", to / "app/penguins")
    assert Served.here().model == "@champion"


def test_mistakes_are_one_line(
    ready: Path, resolved: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(resolved)
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match="mine: exists, and is not a build context; name another"):
        run(image, "--model", "1", "--output", str(tmp_path / "mine"))
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"below: .*file is a file; name another folder"):
        run(image, "--model", "1", "--output", str(tmp_path / "file/below"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: path != tmp_path)  # root may do all
        with pytest.raises(UserError, match="cannot be written to; name another folder by --output"):
            run(image, "--model", "1", "--output", str(tmp_path / "new/context"))
    assert len(resolved) == before  # all of this is told before any work
    with pytest.raises(UserError, match=r"^9: no version of 'things'"):
        run(image, "--model", "9")
    (ready / "deploy/serving/Dockerfile").rename(tmp_path / "Dockerfile")
    with pytest.raises(UserError, match=r"^deploy/serving/Dockerfile: no such file: .*serving.*container"):
        run(image, "--model", "1")
    (tmp_path / "Dockerfile").rename(ready / "deploy/serving/Dockerfile")


def test_a_store_that_keeps_nothing_is_told_and_no_obstacle(
    ready: Path, resolved: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = store.connect()

    def refuse(*of: Any) -> None:
        raise MlflowException("Permission denied")

    monkeypatch.setattr(client, "log_text", refuse)
    (version,) = client.search_model_versions("name = 'things' AND version_number = 1")
    wanted = Wanted(["numpy==1.0"], ["uvicorn"], "3.12", "", version.run_id)
    assert wanted.resolve(client) == (RESOLVED, "resolved now; not kept with the version: Permission denied")
    commit = "0123456789abcdef0123456789abcdef01234567"
    with pytest.raises(UserError, match="lacks the commit 0123456789ab of the version: `git fetch --all`"):
        Wanted(["numpy==1.0"], [], "3.12", commit, "").resolve(client)


def test_what_uv_says_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = subprocess.CompletedProcess(
        [], 1, "", "  \u00d7 No solution found:\n  \u2570\u2500\u25b6 Because a needs b\n      we end.\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda *of, **how: said)
    with pytest.raises(UserError) as refused:
        COMPILED("a", "", "3.12")
    assert str(refused.value).endswith("cannot be resolved: No solution found: Because a needs b we end.")
    said.stderr = "/bin/python: No module named uv\n"
    with pytest.raises(UserError, match="`pip install uv`"):
        COMPILED("a", "", "3.12")


def test_mlflow_is_there_without_its_server() -> None:
    assert slim(["mlflow==3.17.2", "MLFlow==3", "mlflow-x==1"]) == [
        "mlflow-skinny==3.17.2",
        "mlflow-skinny==3",
        "mlflow-x==1",
    ]
    lock = "# uv\nnumpy==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:00\nscikit_learn==2.0 \\\n"
    assert constraints(lock, ["scikit-learn==1.9"]) == "numpy==1.0 ; python_full_version < '3.12'\n"


def test_what_the_server_imports_is_in_the_image() -> None:
    """Whatever the rooms of the server import themselves comes with a library that an image has."""
    brought = {
        "anyio": "starlette",
        "sklearn": "scikit-learn",
        "mlflow": "mlflow-skinny",
        "pydantic_core": "pydantic",
    }
    there = {*libraries.SERVER, *libraries.REQUESTS, *slim(REQUIRED)}
    modules = [*Path(served_module.__file__).parent.glob("*.py"), Path(serve.__file__)]
    names = {name.split(".")[0] for file in modules for name in imports_of(file) if not name.startswith(".")}
    names -= sys.stdlib_module_names
    assert {"psutil", "starlette"} < names
    assert {brought.get(name, name.replace("_", "-")) for name in names} - there == set()
