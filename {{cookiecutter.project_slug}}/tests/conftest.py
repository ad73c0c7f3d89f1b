"""A small project to run in: a sample of your own table, so that your features and expectations fit it."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.engine import stage
from {{ cookiecutter.package_name }}.engine.base.paths import CODE, EXPECTATIONS
from {{ cookiecutter.package_name }}.engine.base.yaml import read_yaml
from {{ cookiecutter.package_name }}.engine.lineage.pipeline import dependencies, made_by, stages
from {{ cookiecutter.package_name }}.engine.params import Data
from {{ cookiecutter.package_name }}.engine.split.dataset import Dataset
from {{ cookiecutter.package_name }}.engine.table.delimited import read_delimited, separator_of
from {{ cookiecutter.package_name }}.engine.table.files import JSON, WORKBOOKS
from {{ cookiecutter.package_name }}.engine.table.lines import ending
from {{ cookiecutter.package_name }}.params import Params, load_params

ROOT = CODE.parent
ROWS = 300  # of the sample, about
STAGES = ("validate", "train", "evaluate", "register")

os.environ.setdefault("OMP_NUM_THREADS", "1")  # on so few rows threads only wait for each other


class SmallProject:
    """A project in the current folder, whose stages run in this process."""

    def __init__(self, params: Params) -> None:
        self.params, self._ran = params, list[str]()

    def run(self, name: str) -> None:
        """Run a stage, and those before it, unless they have run."""
        for before in STAGES[: STAGES.index(name) + 1]:
            if before not in self._ran:
                stage.run(before)
                self._ran.append(before)

    def data(self) -> Dataset:
        """Return the validated rows."""
        self.run("validate")
        return Dataset(self.params)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the project itself."""
    monkeypatch.chdir(ROOT)
    return ROOT


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallProject]:
    """Work in a small project, with a tracking store of its own; the tests share what has run in it."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("DVC_", "MLFLOW_"))]:
            patch.delenv(name)
        patch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
        patch.setenv("DVC_ROOT", str(folder))
        patch.chdir(ROOT)
        params = load_params()
        if not params.data.path.is_file():
            pytest.skip(f"{params.data.path} is not here: `dvc pull` gets it, or `dvc repro` makes it")
        copy_what_stages_read(folder)
        copy_sample(params.data, folder)
        loosen_expectations(folder)
        patch.chdir(folder)
        yield SmallProject(params)


def copy_what_stages_read(folder: Path) -> None:
    """Copy the files that dvc.yaml names, but for code, data and what a stage makes."""
    listed = {"dvc.yaml", "params.yaml", "pyproject.toml", *dependencies()} - made_by(stages())
    for path in map(Path, listed):
        if path.is_file() and not path.resolve().is_relative_to(CODE):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / path)


def copy_sample(data: Data, folder: Path) -> None:
    """Write some rows of the table, of every class, as they stand there; a workbook or JSON as it is."""
    to, kind = folder / data.path, ending(data.path)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    if kind in (*WORKBOOKS, *JSON):
        shutil.copy(data.path, to)
        return
    table = pd.read_parquet(data.path) if kind == ".parquet" else read_delimited(data).to_pandas()
    shuffled = table.sample(frac=1, random_state=0)
    if data.task == "classification":
        groups = shuffled.groupby(data.target, sort=False)
        some = groups.head(max(20, ROWS // max(1, groups.ngroups)))
    else:
        some = shuffled.head(ROWS)
    if kind == ".parquet":
        some.sort_index().to_parquet(to)
        return
    empty = data.missing[0] if data.missing else ""
    text = some.sort_index().to_csv(sep=separator_of(data), na_rep=empty, index=False)
    content = ("\n" * data.format.skip_rows + text).encode(data.format.encoding)
    to.write_bytes(gzip.compress(content) if to.suffix.lower() == ".gz" else content)


def loosen_expectations(folder: Path) -> None:
    """Let no failed expectation stop the pipeline: one on counts or means need not hold for a sample."""
    content = read_yaml(EXPECTATIONS)
    for entry in content["expectations"]:
        entry["severity"] = "warning"
    text = json.dumps(content, default=str)  # JSON is YAML
    (folder / EXPECTATIONS).write_text(text, encoding="utf-8")
