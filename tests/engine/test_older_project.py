"""A project from before the engine, moved over by half: a line says what is left to do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from penguins.engine.base import settings
from penguins.engine.base.errors import UserError
from penguins.engine.project import load_params

from tests.engine.conftest import ROOT


def test_params_without_a_task(project: Path) -> None:
    params = project / "params.yaml"
    params.write_text(re.sub(r"  task: \w+\n", "", params.read_text()))
    with pytest.raises(UserError) as caught:
        load_params()
    line = "params.yaml:1: data.task: missing; this block needs 'task': classification or regression"
    assert str(caught.value) == line


def test_settings_without_the_engines(project: Path) -> None:
    pyproject = project / "pyproject.toml"
    pyproject.write_text(re.sub(r"\[tool\.engine\]\n.*\n", "", pyproject.read_text()))
    with pytest.raises(UserError) as caught:
        settings.default_tracking_uri()
    wanted = "[tool.engine] needs tracking_uri, a text, such as tracking_uri = 'sqlite:///mlflow.db'"
    assert str(caught.value) == f"{pyproject}: {wanted}"


@pytest.mark.parametrize("stage", ["validate", "train", "evaluate", "register"])
def test_a_stage_that_is_started_as_a_module_says_how_to(stage: str) -> None:
    """It would define a function, end with 0, and DVC would take the old outputs for its work."""
    done = subprocess.run(
        [sys.executable, "-m", f"penguins.stages.{stage}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        f"error: start this stage with: python -m penguins {stage}\n",
    )
