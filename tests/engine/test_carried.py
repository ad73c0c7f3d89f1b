"""What a model carries, and by which code it is run."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.base.paths import PACKAGE
from penguins.engine.fitting.adapter import RegressorAdapter, inner
from penguins.engine.lineage import imports
from penguins.engine.lineage.imports import own_modules
from penguins.engine.params import Columns, Data
from penguins.engine.table import cells
from penguins.engine.tracking import carried, store
from penguins.engine.tracking.columns import Known
from penguins.engine.tracking.copies import Copies
from penguins.engine.tracking.models import log_model, trusted_types
from penguins.engine.tracking.run import Run
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

ROWS = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
MINE = f'''"""A step and a model of one's own, in a module beside the package."""

import {PACKAGE}.engine.table.cells
from sklearn.base import BaseEstimator


def step(rows):
    from beside import FACTOR

    return {PACKAGE}.engine.table.cells.as_numbers(rows) * FACTOR


class Mine(BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.asarray(X).sum(axis=1)

    class Inside(BaseEstimator):
        fit, predict = (lambda self, X, y: self), (lambda self, X: np.asarray(X).sum(axis=1))


import numpy as np
'''


@pytest.fixture(autouse=True)
def root(shared_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide a folder with the package, where modules can be written beside it."""
    copytree(imports.ROOT / PACKAGE, tmp_path / PACKAGE)
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    (tmp_path / "beside.py").write_text("FACTOR = 1\n", encoding="utf-8")
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if name.split(".")[0].split("_")[0] in ("mine", "beside"):
            del sys.modules[name]


def fresh(name: str) -> Any:
    """Import a module as a new process would."""
    for module in (name, "beside"):
        sys.modules.pop(module, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def logged(*steps: Any) -> str:
    """Log a model that has these steps, and return where it is."""
    target = np.array([1.0, 2.0])
    pipeline = make_pipeline(*steps).fit(ROWS, target)
    columns = Columns(numeric=["a", "b"])
    data = Data(task="regression", path=Path("x"), target="y", columns=columns)
    known = Known.of(ROWS, target, pipeline, data, columns)
    client = store.connect()
    with mlflow.start_run(experiment_id=store.experiment_id(client, store.experiment_name())) as active:
        run = log_model(Run(client, active.info.run_id), pipeline, ROWS, known, "md5")
    return f"models:/{run.model_id}"


def of_mine() -> str:
    mine = fresh("mine")
    return logged(FunctionTransformer(mine.step), RegressorAdapter(mine.Mine()))


def test_versions_in_one_process_are_each_run_by_their_own_code(root: Path) -> None:
    first = of_mine()
    (root / "beside.py").write_text("FACTOR = 100\n", encoding="utf-8")
    second = of_mine()
    path, modules = sys.path.copy(), set(sys.modules)
    wanted = {first: [4.0, 6.0], second: [400.0, 600.0]}
    for uri in (first, second, first):
        model = carried.load(uri)
        assert model.predict(ROWS).tolist() == wanted[uri]
        assert type(model[-1]) is not RegressorAdapter
        assert type(inner(model)).__name__ == "Mine"
    assert sys.path[: len(path)] == path
    assert sys.modules["beside"].FACTOR == 100
    assert {name.split("_")[0] for name in set(sys.modules) - modules} == {"mine", "beside", PACKAGE}
    for load in (mlflow.sklearn.load_model, mlflow.pyfunc.load_model):
        for uri in (first, second, first):
            assert load(uri).predict(ROWS).tolist() == wanted[uri]


def test_the_files_are_those_that_the_types_come_from(root: Path) -> None:
    folder = Path(mlflow.artifacts.download_artifacts(of_mine())) / "code"
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    names = {name.split("/")[0].removesuffix(".py") for name in files}
    (content,) = {name.rpartition("_")[2] for name in names}
    copies = [name.replace(f"_{content}", "") for name in files]
    adapter = RegressorAdapter.__module__.replace(".", "/") + ".py"
    assert {"mine.py", "beside.py", adapter} <= {*copies}
    carried_ = [f"{PACKAGE}.engine.table.cells", RegressorAdapter.__module__, "mine", "beside"]
    assert copies == sorted(path.relative_to(root).as_posix() for path in own_modules(carried_).values())
    assert len(files) < 12


def test_a_function_of_features_needs_no_library_but_those_that_come_with_the_others() -> None:
    """It comes with params.py, which reads files; whoever loads a model reads none."""
    with carried.carried([f"{PACKAGE}.features.for_any_model"]) as copies:
        assert f"{PACKAGE}.params" in copies.modules
        assert copies.libraries() <= {"numpy", "pandas", "pydantic", "sklearn"}
        assert "pydantic" in copies.libraries()


def test_what_a_carried_module_imports_is_pinned(root: Path) -> None:
    text = MINE.replace("import numpy as np\n", "import numpy as np\nimport joblib\n")
    (root / "mine.py").write_text(text, encoding="utf-8")
    folder = Path(mlflow.artifacts.download_artifacts(of_mine()))
    pinned = (folder / "requirements.txt").read_text(encoding="utf-8")
    assert "\njoblib==" in f"\n{pinned}"
    assert "mine" not in pinned


@pytest.mark.parametrize(
    "line",
    [
        "import pack.part; import pack.other; found = pack.part.name()",
        "import pack.part as part; found = part.name()",
        "import pack; from pack import part; found = pack.part.name()",
        "import json, pack.part, pack.other; found = pack.part.name()",
        "ä = 'ö'; from pack.part import (\n    name,  # of the copy\n); found = name()",
        "if True:\n    from pack.part import name\nfound = name()",
        "from importlib import import_module as other; import importlib\n"
        "found = importlib.import_module('pack.part').name()",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_absolute_imports_name_the_copies(
    line: str, encoding: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {"__init__": "", "other": "", "part": "def name():\n    return __name__\n"}.items():
        (root / "pack").mkdir(exist_ok=True)
        (root / f"pack/{name}.py").write_text(content, encoding="utf-8")
    cookie = "# coding: latin-1\n" if encoding == "latin-1" else ""
    text = f"{cookie}{line}\nword = 'ß'\n"
    (root / "mine.py").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    (root / "copies").mkdir()
    copies = Copies(own_modules(["mine"]), root / "copies")
    monkeypatch.syspath_prepend(root / "copies")
    copy = importlib.import_module(copies.name_of("mine"))
    assert copy.found == copies.name_of("pack.part")
    assert copy.word == "ß"
    assert "pack" not in sys.modules


def test_a_model_that_would_not_travel_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    before = len(client.search_logged_models([experiment]))
    mine = fresh("mine")
    with pytest.raises(UserError, match=r"^the model cannot be logged: mine.Inside would .*\(AttributeE"):
        logged(FunctionTransformer(mine.step), RegressorAdapter(mine.Mine.Inside()))

    (root / "mine.py").write_text(f"{MINE}\nopen(__file__ + '.txt')\n", encoding="utf-8")
    (root / "mine.py.txt").touch()
    with pytest.raises(UserError, match=r"mine.Mine .* \(FileNotFoundError: .*the top level of a module"):
        of_mine()

    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine_too.py").write_text(MINE, encoding="utf-8")
    monkeypatch.syspath_prepend(elsewhere)
    with pytest.raises(UserError, match=r"^the model cannot be logged: mine_too would be .*; put it into"):
        logged(RegressorAdapter(fresh("mine_too").Mine()))
    with pytest.raises(UserError, match=r"not trusted to be loaded: mine_too.step; "):
        logged(FunctionTransformer(fresh("mine_too").step), RegressorAdapter(fresh("mine").Mine()))
    assert len(client.search_logged_models([experiment])) == before
    assert not [name for name in sys.modules if name.startswith("mine_") and name != "mine_too"]


def test_a_version_of_before_is_run_by_the_code_of_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It carried the whole package under its own name, and has modules that there are no more."""
    then, name = tmp_path / "then" / PACKAGE, f"{PACKAGE}.data.types"
    (then / "data").mkdir(parents=True)
    for file in ("__init__", "data/__init__", "engine"):
        (then / f"{file}.py").touch()
    step = "from ..engine import __name__\n\ndef as_numbers(rows):\n    return rows * 7\n"
    (then / "data/types.py").write_text(step, encoding="utf-8")
    model = make_pipeline(FunctionTransformer(cells.as_numbers), fresh("mine").Mine()).fit(ROWS)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, name, cells)
        patch.setattr(cells.as_numbers, "__module__", name)
        how = {"code_paths": [str(then)], "pip_requirements": [], "skops_trusted_types": trusted_types(model)}
        mlflow.sklearn.save_model(model, tmp_path / "model", **how)
    path, modules = sys.path.copy(), sys.modules.copy()
    assert carried.load(str(tmp_path / "model")).predict(ROWS).tolist() == [28.0, 42.0]
    assert sys.path == path
    assert {key: module for key, module in sys.modules.items() if key.startswith(PACKAGE)} == {
        key: module for key, module in modules.items() if key.startswith(PACKAGE)
    }
    assert model.predict(ROWS).tolist() == [4.0, 6.0]
