"""The engine, imported from one baked project, and small projects for it to work in."""

import atexit
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from cookiecutter.main import cookiecutter

from tests.support.baked import TEMPLATE

os.environ.setdefault("OMP_NUM_THREADS", "1")  # on so few rows threads only wait for each other


def bake(**answers: str) -> Path:
    """Bake a project, the default one but for some answers, for this process to import."""
    folder = mkdtemp(prefix="engine-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = cookiecutter(
        str(TEMPLATE),
        no_input=True,
        extra_context=answers,
        output_dir=folder,
        accept_hooks=False,
        default_config=True,
    )
    sys.path.insert(0, path)
    return Path(path)


ROOT = bake()
TARGET, METRIC = "kind", "f1_macro"

PARAMS = f"""\
data:
  task: classification
  path: data/raw/table.csv
  target: {TARGET}
  columns:
    numeric: [width, height]
    categorical: [colour]
    text: [note]
    id: [code]
    drop: [unused]
split: {{test_fraction: 0.25, seed: 1, stratify: colour}}
features: {{}}
model:
  type: hist_gradient_boosting
  hist_gradient_boosting: {{max_iter: 20, min_samples_leaf: 5, random_state: 0}}
  random_forest: {{n_estimators: 10, random_state: 0}}
evaluate:
  primary_metric: {METRIC}
  groups: [colour]
register:
  name: things
  thresholds:
    f1_macro: {{min: 0.5}}
"""

EXPECTATIONS = """\
expectations:
  - type: expect_column_values_to_be_between
    column: width
    min_value: 0
    severity: critical
  - type: expect_column_values_to_not_be_null
    column: colour
    severity: warning
"""


def make_table(rows: int = 120) -> pd.DataFrame:
    """Make a table with every role of column, missing values, and a target that can be learned."""
    random = np.random.default_rng(0)
    width = random.uniform(1, 10, rows).round(2)
    colour = random.choice(["red", "green", "blue"], rows)
    table = pd.DataFrame(
        {
            "code": [f"{number:03}" for number in range(rows)],
            "width": width,
            "height": random.integers(1, 9, rows),
            "colour": colour,
            "note": random.choice(["a fine thing", "a dull thing", "nothing"], rows),
            "unused": 1,
            TARGET: np.where(width + (colour == "red") > 6, "large", "small"),
        }
    )
    table.loc[::17, "colour"] = None
    table.loc[::19, "width"] = None
    table.loc[::23, "note"] = None
    return table


def set_up(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Lay out a project in a folder and go there."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "DVC_STAGE"):
        patch.delenv(name, raising=False)
    patch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    patch.setenv("DVC_ROOT", str(folder))
    patch.chdir(folder)
    for name in ("data/raw", "expectations", "models"):
        (folder / name).mkdir(parents=True)
    for name in ("dvc.yaml", "pyproject.toml"):
        copy(ROOT / name, folder)
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (folder / "expectations/penguins.yaml").write_text(EXPECTATIONS, encoding="utf-8")
    make_table().to_csv(folder / "data/raw/table.csv", index=False)
    return folder


@pytest.fixture(scope="session", autouse=True)
def copied_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let MLflow make the tables of the first store only, which takes a second: the others get copies."""
    from mlflow.store.db import utils

    initialize, made = utils._initialize_tables, tmp_path_factory.mktemp("tables") / "mlflow.db"

    def copy_tables(engine: Any) -> None:
        has_tables = made.exists()
        if not has_tables:
            initialize(engine)
        with closing(engine.raw_connection()) as pooled, closing(sqlite3.connect(made)) as tables:
            new = pooled.driver_connection
            (tables if has_tables else new).backup(new if has_tables else tables)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "_initialize_tables", copy_tables)
        yield


@pytest.fixture(scope="module", autouse=True)
def own_environment() -> Iterator[None]:
    """Keep what MLflow writes into the environment, such as its store, from the programs of later tests."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project in which nothing has run yet."""
    return set_up(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a project in which nothing has run yet, shared by the tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        yield set_up(tmp_path_factory.mktemp("shared project"), patch)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a project whose pipeline has run once; shared by the tests of a module."""
    from penguins.engine import stage

    with pytest.MonkeyPatch.context() as patch:
        folder = set_up(tmp_path_factory.mktemp("finished project"), patch)
        for name in ("validate", "train", "evaluate", "register"):
            stage.run(name)
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning in the engine's own code is an error; the libraries' own are not ours to mend."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings("ignore:Some regimes for parameter"))
            item.add_marker(pytest.mark.filterwarnings("ignore:.* is (an )?experimental:::"))
            item.add_marker(pytest.mark.filterwarnings("error:::(penguins|weights)"))
            item.add_marker(pytest.mark.filterwarnings("ignore"))


def three_versions() -> Any:
    """Register the finished project's model three times, under a name of its own; returns its `Registry`."""
    from penguins.engine.registry.registry import Registry
    from penguins.engine.tracking import store

    client = store.connect()
    (version,) = client.search_model_versions("name = 'things' AND version_number = 1")
    copies = Registry(client, f"things-{uuid4().hex[:8]}")
    client.create_registered_model(copies.name)
    for _ in range(3):
        client.create_model_version(copies.name, version.source, version.run_id, tags=version.tags)
    return copies
