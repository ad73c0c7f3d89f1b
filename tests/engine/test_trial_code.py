"""The code that evaluates a trial, in a project that has modules of its own."""

import sys
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any

import pytest
from penguins.engine.base.yaml import read_yaml
from penguins.engine.lineage import imports
from penguins.engine.lineage.imports import PACKAGE
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import write_validated
from penguins.engine.tuning import code, identity
from penguins.engine.tuning.cross_validation import CrossValidation
from penguins.engine.tuning.plugin import CodeAndData
from penguins.params import load_params

from tests.engine.conftest import ROOT
from tests.support.running import replace_in

TYPE = "helpers.mine.Mine"
GEO = Path(PACKAGE, "geo/distance.py")
FEATURES = Path(PACKAGE, "features.py")
MINE = f"""
from sklearn.base import BaseEstimator
import {PACKAGE}.geo.distance
from {PACKAGE} import features
import helpers.guess as guessing


class Mine(BaseEstimator):
    def fit(self, X, y):
        assert features.FAR == {PACKAGE}.geo.distance.FAR
        self.guess = guessing.guess(y)

    def predict(self, X):
        return [self.guess] * len(X)
"""


@pytest.fixture
def own(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project with code of its own: a folder in the package, and one beside it."""
    params = load_params()
    write_validated(to_types(read_raw(params), params.data), params, {})
    copytree(ROOT / PACKAGE, PACKAGE, ignore=lambda *_: ["__pycache__"])
    for path, content in {
        GEO: "FAR = 1\n",
        Path("helpers/mine.py"): MINE,
        Path("helpers/guess.py"): "def guess(y):\n    return sorted(y)[0]\n",
    }.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    replace_in(FEATURES, "import numpy", "from .geo.distance import FAR\nimport numpy")
    replace_in(Path("params.yaml"), "type: hist_gradient_boosting", f"type: {TYPE}\n  {TYPE}: {{}}")
    monkeypatch.setattr(imports, "ROOT", project)
    return project


def scores_on_a_worker(folder: Path) -> list[float]:
    """Judge the current parameters as a worker does that has nothing but what it is sent."""
    folder.mkdir()
    content = read_yaml(Path("params.yaml"))
    fields = vars(CrossValidation.prepare(content, load_params()))
    plugin = CodeAndData(*code.pack(content), fields, {}, {})
    before = sys.path[:]
    try:
        plugin.setup(SimpleNamespace(local_directory=folder, address="a worker"))
        scores, failure = plugin.cross_validation.evaluate({}, [])
    finally:
        sys.path[:] = before
    assert failure == ""
    return list(scores)


def test_a_worker_gets_what_is_imported_wherever_it_is(own: Path) -> None:
    first = scores_on_a_worker(own / "one")
    replace_in(Path("helpers/guess.py"), "[0]", "[-1]")
    assert scores_on_a_worker(own / "two") != first, "the worker runs the code that it has seen before"
    assert not {"helpers", f"{PACKAGE}.geo"} & sys.modules.keys()


def test_code_that_a_trial_imports_tells_studies_apart_and_no_other(own: Path) -> None:
    def name(**more: Any) -> str:
        return identity.of_cross_validation({**read_yaml(Path("params.yaml")), **more}, load_params())

    before = name()
    for path in (GEO, FEATURES, Path("helpers/guess.py"), Path(PACKAGE, "metrics.py")):
        replace_in(path, "", "# edited\n")
        assert name() != before, path
        before = name()
    for path in (Path(PACKAGE, "engine/tracking/store.py"), Path(PACKAGE, "plots.py")):
        replace_in(path, "", "# edited\n")
        assert name() == before, path


def test_a_class_that_is_searched_is_sent_too(own: Path) -> None:
    content = read_yaml(Path("params.yaml"))
    content["model"]["type"] = "random_forest"
    assert "helpers.mine" in code.modules(content)  # it has a block
    del content["model"][TYPE]
    assert "helpers.mine" not in code.modules(content)
    content["tune"] = {"space": {"model": {"type": {"choice": ["random_forest", TYPE]}}}}
    assert "helpers.mine" in code.modules(content)
