"""Both tasks, each with the project that is baked for it: what that has of its own is tested in both."""

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.engine.conftest import METRIC, PARAMS, ROOT, TARGET, bake, make_table


@dataclass(frozen=True)
class Task:
    """A task, and names of what its project has.

    Attributes:
        name: of the task.
        package: of the project's package.
        target, metric: of the small table, and of its params.yaml.
        models: their short names.
        tree: a model that has none.
    """

    name: str
    package: str
    target: str
    metric: str
    models: tuple[str, ...]
    tree: str

    @cached_property
    def root(self) -> Path:
        """The folder of its project, which can be imported from then on."""
        return ROOT if self is CLASSIFICATION else bake(project_name="Weights", task=self.name)

    def module(self, name: str) -> Any:
        """Import a module of its project, e.g. `metrics` or `engine.judging.gates`."""
        assert (self.root / self.package).is_dir()
        return import_module(f"{self.package}.{name}")

    def table(self) -> pd.DataFrame:
        """Make the small table, with this task's target."""
        table = make_table()
        if self is CLASSIFICATION:
            return table
        width = make_table()["width"].fillna(5.0)
        weight = width * 10 + (table["colour"] == "red") * 5
        return table.drop(columns=TARGET).assign(**{self.target: weight})

    def params(self) -> str:
        """Write the small params.yaml for this task."""
        if self is CLASSIFICATION:
            return PARAMS
        text = PARAMS.replace("task: classification", f"task: {self.name}").replace(TARGET, self.target)
        return text.replace(f"{METRIC}: {{min: 0.5}}", f"{self.metric}: {{max: 100.0}}").replace(
            METRIC, self.metric
        )

    def set_up(self, folder: Path) -> None:
        """Make the small project in this folder one of this task."""
        (folder / "params.yaml").write_text(self.params(), encoding="utf-8")
        self.table().to_csv(folder / "data/raw/table.csv", index=False)
        (folder / "dvc.yaml").write_bytes((self.root / "dvc.yaml").read_bytes())
        (folder / "pyproject.toml").write_bytes((self.root / "pyproject.toml").read_bytes())

    def __repr__(self) -> str:
        """Name it, as pytest does a test of it."""
        return self.name


TREES = ("hist_gradient_boosting", "random_forest")
CLASSIFICATION = Task(
    "classification",
    "penguins",
    TARGET,
    METRIC,
    (*TREES, "logistic_regression"),
    "sklearn.tree.DecisionTreeClassifier",
)
REGRESSION = Task(
    "regression", "weights", "weight", "rmse", (*TREES, "ridge"), "sklearn.tree.DecisionTreeRegressor"
)
BOTH = pytest.mark.parametrize("task", [CLASSIFICATION, REGRESSION], ids=str)
