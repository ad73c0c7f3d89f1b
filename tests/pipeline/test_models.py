"""XGBoost, LightGBM, CatBoost and a class of one's own, for both tasks, as their users live with them."""

import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.conftest import bake_into
from tests.support.baked import TEMPLATE, Baked, messages, run
from tests.support.running import edit
from tests.support.warm import warmed

pytestmark = pytest.mark.slow

UV = (sys.executable, "-m", "uv")
WHEELS = ("xgboost-cpu>=3.2,<4", "lightgbm>=4.7,<5", "catboost>=1.2.10,<2")
# each with few trees and one thread, and what `tune` searches
BLOCKS = {
    "xgboost": ("{n_estimators: 20, n_jobs: 1}", "max_depth: {int: [2, 4]}"),
    "lightgbm": ("{n_estimators: 20, n_jobs: 1}", "num_leaves: {int: [7, 15]}"),
    "catboost": ("{iterations: 20, thread_count: 1}", "depth: {int: [2, 4]}"),
    "PACKAGE.mine.Mine": ("{depth: 3}", "depth: {int: [2, 4]}"),
}
MINE = '''"""A class of one's own: nothing but fit and predict."""

from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTree{kind}


class Mine(BaseEstimator):
    def __init__(self, depth=2):
        self.depth = depth

    def fit(self, X, y):
        self.tree_ = DecisionTree{kind}(max_depth=self.depth, random_state=0).fit(X, y)

    def predict(self, X):
        return self.tree_.predict(X).reshape(-1, 1)
'''
# runs the stages in one process, model after model: each would else import its libraries anew
LIFE = """
import io, json, sys
from argparse import Namespace
from pathlib import Path
from PACKAGE.engine import stage, start
start.set_environment()
import joblib
from PACKAGE.engine.base import paths, process
from PACKAGE.engine.commands import tune
from PACKAGE.engine.split.dataset import Dataset
from PACKAGE.models import build
from PACKAGE.params import load_params

def main():
    found = {}
    written = Path("params.yaml").read_text(encoding="utf-8")
    for type_, (block, space) in json.loads(sys.argv[1]).items():
        text = written[: written.index("  space:")].replace(
            "  type: hist_gradient_boosting", f"  type: {type_}\\n  {type_}: {block}"
        ).replace("  metric: log_loss", "  metric: null")  # not every one has probabilities
        text += f"  space:\\n    model:\\n      {type_}:\\n        {space}\\n"
        Path("params.yaml").write_text(text, encoding="utf-8")
        if not found:
            stage.run("validate")
        for name in ("train", "evaluate", "register"):
            stage.run(name)
        params = load_params()
        data, again = Dataset(params), io.BytesIO()
        train = data.train()
        joblib.dump(build(params, data.columns).fit(train.features, train.target), again)
        same = again.getvalue() == paths.MODEL.read_bytes()
        tune.main(Namespace(trials=2, timeout=None, jobs=None, dry_run=True, scheduler=None, queue=False))
        registered = json.loads(paths.REGISTRATION.read_text(encoding="utf-8"))
        metrics = json.loads(paths.METRICS.read_text(encoding="utf-8"))
        predictions = paths.PREDICTIONS.read_text(encoding="utf-8").splitlines()
        found[type_] = {
            "registered": registered, "metrics": metrics, "predictions": predictions, "same": same,
        }
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")

process.prepare()
process.run(main)
"""
# makes recorded runs again, the stages of each in one process, for the same reason
REPRODUCE = """
import json, sys
from PACKAGE.engine.base import process
from PACKAGE.engine.commands.reproduce import verify
from PACKAGE.engine.reproduction.scratch import Scratch

STAGES = '''
from PACKAGE.engine import stage
from PACKAGE.engine.base import process

def main():
    for name in ("validate", "train", "evaluate"):
        stage.run(name)

process.prepare()
process.run(main)
'''

def in_one_process(scratch, target):
    code, said = scratch.run(sys.executable, "-c", STAGES, cwd=scratch.project)
    assert (code, target) == (0, "evaluate"), said

def main():
    Scratch.run_pipeline = in_one_process
    verdicts = {version: verify(version) for version in sys.argv[1:]}
    print(json.dumps(verdicts))

process.prepare()
process.run(main)
"""
CHECK = """
import sys
import numpy as np
from PACKAGE.engine.base import process
from PACKAGE.engine.fitting.estimators import build_estimator
from PACKAGE.engine.params import Columns, Model
from PACKAGE.params import load_params

def main():
    model = Model.model_validate({"type": sys.argv[1], sys.argv[1]: {"max_dept": 2}})
    params = load_params().model_copy(update={"model": model})
    build_estimator(params, Columns()).fit(np.arange(20.0).reshape(10, 2), np.arange(10) % 2)

process.prepare()
process.run(main)
"""
# in a place that has nothing but what the model asks for
ELSEWHERE = """
import json, logging, sys
import mlflow, pandas as pd
logging.disable()
found = {}
for package, uri, version, table in json.loads(sys.argv[1]):
    mlflow.set_tracking_uri(uri)
    model = mlflow.pyfunc.load_model(f"models:/{package}/{version}")
    rows = [pd.read_csv(table, skiprows=range(1, number), nrows=1) for number in (1, 4)]
    found[package] = [model.predict(row).tolist() for row in rows]
print(json.dumps(found))
"""


class Project:
    """A project in which each model has lived."""

    def __init__(self, task: str, package: str, baked: Baked) -> None:
        self.task, self.package, self.baked = task, package, baked
        kind = "Classifier" if task == "classification" else "Regressor"
        (baked.path / package / "mine.py").write_text(MINE.replace("{kind}", kind), encoding="utf-8")
        for stage in ("train", "evaluate"):
            line = f"      - {package}/stages/{stage}.py\n"
            edit(baked, "dvc.yaml", line, f"{line}      - {package}/mine.py\n")
        params = baked.read("params.yaml")
        start, end = params.index("  # the gates:"), params.index("tune:")
        params = f"{params[:start]}  min_skill: null\n\n{params[end:]}"  # some models learn nothing here
        if task == "classification":  # whole numbers, which begin neither at 0 nor at 1
            params = params.replace("target: species", "target: year").replace("    drop:\n    - year\n", "")
        (baked.path / "params.yaml").write_text(params, encoding="utf-8")
        blocks = {name.replace("PACKAGE", package): block for name, block in BLOCKS.items()}
        programs = baked.cold if task == "classification" else baked
        self.done = programs.run("python", "-c", LIFE.replace("PACKAGE", package), json.dumps(blocks))
        self.found: dict[str, Any] = json.loads(baked.read("found.json"))
        (baked.path / "found.json").unlink()

    def of(self, model: str) -> Any:
        return self.found[model.replace("PACKAGE", self.package)]


@pytest.fixture(scope="module")
def bin(environment: Path) -> Path:
    """The programs of an environment that has the libraries, on top of the one of all projects."""
    python = environment / f"python{'.exe' if sys.platform == 'win32' else ''}"
    key = hashlib.md5(repr((WHEELS, str(python))).encode()).hexdigest()[:12]
    venv = TEMPLATE / ".environments" / f"libraries-{key}"
    with FileLock(venv.with_suffix(".lock")):
        bin = venv / environment.name
        if not (whole := venv / "whole").exists():
            where = "import site; print(site.getsitepackages()[-1])"
            run(TEMPLATE, *UV, "venv", "--quiet", "--clear", "--python", python, venv)
            own, shared = (run(TEMPLATE, at / python.name, "-c", where).stdout for at in (bin, environment))
            Path(own.strip(), "shared.pth").write_text(shared, encoding="utf-8")
            install = ("pip", "install", "--quiet", "--no-deps", "--python", bin / python.name)
            run(TEMPLATE, *UV, *install, *WHEELS)
            whole.touch()
    return bin


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, bin: Path) -> Iterator[list[Project]]:
    folder = tmp_path_factory.mktemp("models")
    # packages of two names, so that one process can load the models of both
    answers = (("classification", "penguins"), ("regression", "birds"))
    with warmed(tmp_path_factory.mktemp("warm"), bin) as shims:
        yield [
            Project(task, package, bake_into(folder, given, True).within(bin, shims))
            for task, package in answers
            for given in [{"project_name": package, "task": task}]
        ]


@pytest.mark.parametrize("model", BLOCKS)
def test_a_model_is_fitted_judged_registered_and_tuned(projects: list[Project], model: str) -> None:
    for project in projects:
        found = project.of(model)
        assert (found["registered"]["decision"], found["registered"]["alias"]) == ("registered", "challenger")
        assert found["same"], f"another fit of {model} is another file"
        header, *rows = (line.replace('"', "").split(",") for line in found["predictions"])
        if project.task == "regression":
            assert found["metrics"]["r2"] > 0.6
            continue
        years = ["2007", "2008", "2009"]
        probabilities = [f"probability_{year}" for year in years] if "mine" not in model else []
        assert header == ["actual", "predicted", *probabilities]
        assert {label for row in rows for label in row[:2]} <= {*years}
        assert ("log_loss" in found["metrics"]) is bool(probabilities)
        assert found["metrics"]["accuracy"] > found["metrics"]["baseline"]["accuracy"]


def test_nothing_is_said_but_summaries_and_nothing_is_left(projects: list[Project]) -> None:
    for project in projects:
        assert messages(project.done.stderr) == []
        assert "[LightGBM]" not in project.done.stdout
        assert "learn:" not in project.done.stdout
        assert not project.baked.has("catboost_info")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    run(folder, *UV, "venv", "--quiet", "--python", sys.executable, "venv")
    return folder


@pytest.mark.parametrize("model", BLOCKS)
def test_a_model_predicts_raw_rows_where_only_its_requirements_are(
    projects: list[Project], elsewhere: Path, model: str
) -> None:
    asked, wanted = [], set()
    for project in projects:
        root = project.baked.path
        version = project.of(model)["registered"]["version"]
        asked.append(
            (project.package, f"sqlite:///{root}/mlflow.db", version, str(root / "data/raw/penguins.csv"))
        )
        logged = [
            path.read_text(encoding="utf-8")
            for path in root.glob("mlruns/models/*/artifacts/requirements.txt")
        ]
        own = {"xgboost", "lightgbm", "catboost"} & {model}
        wanted |= {
            text for text in logged if own <= {line.split("=")[0].split("-")[0] for line in text.split()}
        }
        if not own:
            wanted = {min(wanted, key=len)}
    (requirements,) = wanted
    (elsewhere / "requirements.txt").write_text(requirements, encoding="utf-8")
    python = elsewhere / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(elsewhere, *UV, "pip", "install", "--quiet", "--exact", "--python", python, "-r", "requirements.txt")
    found = json.loads(run(elsewhere, python, "-c", ELSEWHERE, json.dumps(asked)).stdout)
    for (label,) in found["penguins"]:
        assert label in (2007, 2008, 2009)
    for (weight,) in found["birds"]:
        assert 2500 < weight < 6500


def test_a_run_of_a_class_of_ones_own_is_reproduced(projects: list[Project]) -> None:
    """By the command and DVC; the class and its place in dvc.yaml are uncommitted."""
    project = projects[0]
    version = project.of("PACKAGE.mine.Mine")["registered"]["version"]
    said = project.baked.run("python", "-m", project.package, "reproduce", version).stdout
    assert "reproduce: identical" in said


def test_a_run_of_every_model_is_reproduced(projects: list[Project]) -> None:
    def verdicts(project: Project) -> dict[str, bool]:
        versions = [project.of(model)["registered"]["version"] for model in BLOCKS]
        program = REPRODUCE.replace("PACKAGE", project.package)
        said = project.baked.run("python", "-c", program, *versions).stdout
        found: dict[str, bool] = json.loads(said.splitlines()[-1])
        return {model: found[version] for model, version in zip(BLOCKS, versions, strict=True)}

    with ThreadPoolExecutor() as beside:
        for found in beside.map(verdicts, projects):
            assert found == dict.fromkeys(BLOCKS, True)


@pytest.mark.parametrize("model", ["xgboost", "lightgbm", "catboost"])
def test_a_parameter_that_a_library_does_not_have_is_not_ignored(projects: list[Project], model: str) -> None:
    """XGBoost takes any and warns of it when it is fitted."""
    project = projects[0]
    program = CHECK.replace("PACKAGE", project.package)
    done = project.baked.run("python", "-c", program, model, check=False)
    (line,) = messages(done.stderr)
    says = {
        "xgboost": "warning: ",
        "lightgbm": "lightgbm.max_dept: LGBMClassifier has no such parameter; did you mean 'max_depth'?",
        "catboost": "catboost.max_dept: CatBoostClassifier has no such parameter; did you mean 'max_depth'?",
    }
    assert says[model] in line
    assert "max_dept" in line
    assert done.returncode == (0 if model == "xgboost" else 1)
