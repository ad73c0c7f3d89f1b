"""The models that are served: of the example, and of a table of 600 columns; from projects as baked."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.adapt import adapt
from benchmarks.environment import bake, run

WIDE = 600  # columns
MAKE = """
import sys
import numpy as np, pandas as pd
random = np.random.default_rng(0)
table = pd.DataFrame(random.normal(size=(400, int(sys.argv[1]))).round(3)).add_prefix("x")
table.assign(target=(table["x0"] + table["x1"] > 0).astype(int)).to_csv(sys.argv[2], index=False)
"""
ROWS = """
import json, sys
import pandas as pd, yaml
with open(sys.argv[2]) as file:
    inputs = json.loads(yaml.safe_load(file)["signature"]["inputs"])
table = pd.read_csv(sys.argv[1])[[column["name"] for column in inputs]].dropna()
numbers = table.select_dtypes("number").columns
table = table.astype({name: "float64" for name in numbers})
print(table.sample(frac=1, random_state=0).head(int(sys.argv[3])).to_json(orient="records"))
"""


def example(project: Path, env: dict[str, str]) -> None:
    """Bake the default project, and run it."""
    bake(project)
    _run(project, env)


def wide(project: Path, env: dict[str, str]) -> None:
    """The same, with a table of many columns."""
    bake(project)
    raw = Path("data/raw/wide.csv")
    run(["python", "-c", MAKE, str(WIDE), raw], project, env)
    adapt(project, raw, [f"x{place}" for place in range(WIDE)])
    _run(project, env)


def _run(project: Path, env: dict[str, str]) -> None:
    run(["git", "add", "--all"], project, env)
    run(["git", "commit", "--quiet", "--allow-empty", "--message=Before"], project, env)
    run(["dvc", "repro"], project, env)


def rows(project: Path, count: int, env: dict[str, str]) -> list[dict[str, Any]]:
    """Return n rows of a project's table with the columns that its model takes, without missing values."""
    (table,) = (project / "data" / "raw").glob("*.csv")
    described = version(project) / "MLmodel"
    complete: list[dict[str, Any]] = json.loads(
        run(["python", "-c", ROWS, table, described, str(count)], project, env)
    )
    return (complete * (1 + count // len(complete)))[:count]


def version(project: Path) -> Path:
    """Return the folder of the model that was registered.

    Raises:
        SystemExit: there is none.
    """
    with closing(sqlite3.connect(project / "mlflow.db")) as connection:
        found = connection.execute(
            "SELECT l.artifact_location FROM model_versions v "
            "JOIN logged_models l ON 'models:/' || l.model_id = v.source"
        ).fetchone()
    if not found:
        raise SystemExit(f"benchmarks: no model is registered in {project}")
    return Path(found[0].removeprefix("file://"))


def package(project: Path) -> str:
    """Return the name of a project's package."""
    (main,) = project.glob("*/__main__.py")
    return main.parent.name


def removed(folder: Path) -> Path:
    """Empty a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
