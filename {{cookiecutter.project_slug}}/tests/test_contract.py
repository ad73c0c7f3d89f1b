"""What the engine asks of your files. Their types are checked by `mypy`, what they hold by these tests."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }} import gates, metrics, models, params, plots
from {{ cookiecutter.package_name }}.engine import project
from {{ cookiecutter.package_name }}.engine.base.paths import PACKAGE
from {{ cookiecutter.package_name }}.engine.fitting.classes import find_class
from {{ cookiecutter.package_name }}.engine.judging.checks import load_checked_params
from {{ cookiecutter.package_name }}.engine.judging.pictures import Plot
from {{ cookiecutter.package_name }}.engine.lineage.undeclared import check_declared

GATES: project.Gates = gates
METRICS: project.Metrics = metrics
MODELS: project.Models = models
PARAMS: project.ParamsModule = params
PLOTS: Mapping[str, Plot] = plots.PLOTS

# What importing the package may not change: a server or a notebook may load your model, too.
WATCHED = """
import gc, json, os, signal, sys, warnings
from importlib import import_module
def state():
    ours = sorted(name for name in os.environ if name.startswith(("MLFLOW_", "GX_", "DVC_")))
    handlers = [str(signal.getsignal(one)) for one in sorted(signal.valid_signals())]
    collector = [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()]
    return [ours, handlers, collector, str(sys.excepthook), str(warnings.showwarning), sys.path]
first = state()
for name in sys.argv[1:]:
    import_module(name)
print(json.dumps([first, state()]))
"""


@pytest.mark.usefixtures("root")
def test_params_yaml_names_what_there_is() -> None:
    load_checked_params()


@pytest.mark.usefixtures("root")
def test_dvc_yaml_names_what_each_stage_is_made_of() -> None:
    check_declared()


@pytest.mark.parametrize("name", MODELS.SHORT_NAMES)
@pytest.mark.usefixtures("root")
def test_a_short_name_is_a_model(name: str) -> None:
    assert callable(find_class(name, params.load_params().data.task))


def test_gates_and_plots_can_be_called() -> None:
    assert all(map(callable, GATES.GATES))
    assert all(map(callable, PLOTS.values()))


def test_importing_the_package_changes_nothing(root: Path) -> None:
    files = sorted((root / PACKAGE).glob("[!_]*.py"))
    names = [PACKAGE, *(f"{PACKAGE}.{file.stem}" for file in files)]
    ours = ("MLFLOW_", "GX_", "DVC_")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-c", WATCHED, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env=bare)
    before, after = json.loads(done.stdout)
    assert before == after
