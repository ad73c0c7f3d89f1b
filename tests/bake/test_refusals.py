"""Bad answers, given to the real command: all said at once, and nothing left behind."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE, Baked, cookiecutter, run

BAD = {
    "project_name": " ",
    "project_slug": "Bad",
    "package_name": "class",
    "dvc_remote_url": "ftp://host/x",
    "mlflow_tracking_uri": "./mlruns",
}


def test_all_at_once(tmp_path: Path) -> None:
    done = cookiecutter(tmp_path, "--no-input", *(f"{k}={v}" for k, v in BAD.items()), check=False)
    said = [line for line in done.stderr.splitlines() if line.split(":")[0] in BAD]
    assert done.returncode != 0
    assert [line.split(":")[0] for line in said] == list(BAD)
    assert "package_name: 'class' is a Python keyword; choose another" in said
    last = done.stderr.splitlines()[-1]
    assert (
        last
        == f"Nothing was made. Refused: {', '.join(BAD)}; the reasons stand above cookiecutter's own report."
    )
    assert done.stderr.isascii()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    """Also with --overwrite-if-exists, where cookiecutter must not delete what it did not make."""
    (tmp_path / "penguins").mkdir()
    (tmp_path / "penguins" / "work.txt").write_text("mine")
    for force in ([], ["--overwrite-if-exists"]):
        done = cookiecutter(tmp_path, "--no-input", *force, "package_name=json", check=False)
        assert done.returncode != 0
        assert [path.name for path in (tmp_path / "penguins").iterdir()] == ["work.txt"]


def test_unknown_choice(tmp_path: Path) -> None:
    assert cookiecutter(tmp_path, "--no-input", "license=GPL", check=False).returncode != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no fork")
def test_ours_is_the_last_line(tmp_path: Path) -> None:
    """Below the traceback in which cookiecutter 2.7 reports a refusal, and soon."""
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "package_name=json"]
    said = subprocess.run(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    ).stdout.splitlines()
    assert said[0].startswith("package_name: 'json' is a module of Python's standard library")
    assert said[-1].startswith("Nothing was made. Refused: package_name;")


def test_typed_answers_are_not_lost(tmp_path: Path) -> None:
    """The command that a refusal names asks again, and the answers that were good are its defaults."""
    answers = [
        "Größe",
        "Bad",
        "",
        'It is "{{ x }}"',
        "me",
        "2",
        "",
        "",
        "2",
        "2",
        "s3://bucket/x",
        "sqlite:///runs.db",
    ]
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE)]
    asked = {
        "cwd": tmp_path,
        "encoding": "utf-8",
        "capture_output": True,
        "env": {**os.environ, "PWD": str(tmp_path)},
    }
    said = subprocess.run(command, input="\n".join(answers) + "\n", **asked).stderr.splitlines()  # type: ignore[call-overload]
    again = shlex.split(next(line for line in said if line.startswith("To be asked again")).split(": ", 1)[1])
    assert again[:2] == ["cookiecutter", str(TEMPLATE)]
    typed = "\n".join(["", "good", *[""] * 10]) + "\n"
    subprocess.run([*command, *again[2:]], input=typed, check=True, **asked)  # type: ignore[call-overload]
    project = Baked(tmp_path / "good")
    assert project.read("pyproject.toml").count('description = "It is \\"{{ x }}\\""') == 1
    assert project.read("README.md").startswith("# Größe\n")
    assert "s3://bucket/x" in project.read(".dvc/config")
    assert "/runs.db\n" in project.read(".gitignore")
    assert project.has(".gitlab-ci.yml")
    assert project.has("deploy/serving/Dockerfile")
    assert "body_mass" in project.read("params.yaml")


def test_a_refused_secret_is_told_to_be_in_the_replay_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"replay_dir: '{tmp_path}/replay'\n")
    env = {"COOKIECUTTER_CONFIG": str(tmp_path / "config.yaml")}
    url = "s3://AKIA:hunter2@bucket"
    done = cookiecutter(tmp_path, "--no-input", f"dvc_remote_url={url}", check=False, env=env)
    (kept,) = (tmp_path / "replay").iterdir()
    assert json.loads(kept.read_text())["cookiecutter"]["dvc_remote_url"] == url
    assert f"delete the replay file in which cookiecutter has kept it: {kept}" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_old_cookiecutter_is_refused(tmp_path: Path) -> None:
    """Debian 12's: it renders no answer that is made of others, and would say nothing."""
    old = tmp_path / "old" / ("Scripts" if os.name == "nt" else "bin")
    uv = (sys.executable, "-m", "uv")
    run(tmp_path, *uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "old")
    packages = ("cookiecutter==1.7.3", "jinja2<3.1", "markupsafe<2.1", "setuptools<80")
    run(tmp_path, *uv, "pip", "install", "--quiet", "--python", old / "python", *packages)
    done = run(tmp_path, old / "cookiecutter", TEMPLATE, "--no-input", check=False)
    assert done.returncode != 0
    assert "take 2.1 or newer" in done.stderr
    assert not (tmp_path / "penguins").exists()
