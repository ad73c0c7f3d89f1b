"""Who is measured: how each is set up, and what it runs in each case."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.adapt import MODEL, adapt, change_a_parameter
from benchmarks.cases import (
    CASES,
    CHANGED_LEARNING_RATE,
    COLD,
    LEARNING_RATE,
    LEARNING_RATES,
    MAX_LEAF_NODES,
    PARAMETER,
    TRIALS,
    TUNE,
    UNCHANGED,
)
from benchmarks.environment import SCRIPTS, bake, run

Commands = Sequence[Sequence[str | Path]]
Environment = dict[str, str]


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes:
        prepare: sets up a folder that is not there yet, given the table's file; not measured.
        commands: does, unmeasured, what a user would before the case (an edit, a commit), and returns
            the commands to measure.
        adds: what a case adds to its MLflow store: runs with a model's metrics, and model versions.
        cases: those in which it is measured.
    """

    name: str
    prepare: Callable[[Path, Path, Environment], None]
    commands: Callable[[str, Path, Environment], Commands]
    adds: Callable[[str], tuple[int, int]]
    cases: tuple[str, ...] = tuple(CASES.values())


def _prepare_script(folder: Path, table: Path, env: Environment) -> None:
    folder.mkdir(parents=True)
    (folder / f"table{table.suffix}").symlink_to(table)


def _script(script: Path, case: str, folder: Path, env: Environment) -> Commands:
    trials = case in (TRIALS, TUNE)
    rates = LEARNING_RATES if trials else (LEARNING_RATE if case == COLD else CHANGED_LEARNING_RATE,)
    leaves = MAX_LEAF_NODES if trials else (31,)
    (table,) = folder.glob("table.*")
    return [["python", script, table.name, _listed(rates), _listed(leaves)]]


def _prepare_project(folder: Path, table: Path, env: Environment) -> None:
    bake(folder)
    dataset = (
        "import sys; from pyarrow.dataset import dataset; table = dataset(sys.argv[1], format=sys.argv[2])"
    )
    header = f"{dataset}; print(*table.schema.names)"
    *features, _ = run(["python", "-c", header, table, table.suffix[1:]], folder, env).split()
    raw = Path("data/raw", f"table{table.suffix}")
    adapt(folder, raw, features)
    shutil.copy(table, folder / raw)
    run(["dvc", "add", "--quiet", raw], folder, env)
    _commit(folder, env)


def _project(case: str, folder: Path, env: Environment) -> Commands:
    if case == PARAMETER:
        change_a_parameter(folder)
    if case in (TRIALS, TUNE):
        _commit(folder, env)
    grid = [f"model.{MODEL}.learning_rate={_listed(LEARNING_RATES)}"]
    grid += [f"model.{MODEL}.max_leaf_nodes={_listed(MAX_LEAF_NODES)}"]
    if case == TRIALS:
        overrides = [word for override in grid for word in ("--set-param", override)]
        return [
            ["dvc", "exp", "run", "--quiet", "--queue", *overrides],
            ["dvc", "exp", "run", "--run-all", "--jobs", "2"],
        ]
    if case == TUNE:
        (package,) = (
            init.parent.name for init in folder.glob("*/__init__.py") if init.parent.name != "tests"
        )
        return [["python", "-m", package, "tune", "--dry-run"]]
    return [["dvc", "repro"]]


def _adds(case: str) -> tuple[int, int]:
    return (len(LEARNING_RATES) * len(MAX_LEAF_NODES), 0) if case in (TRIALS, TUNE) else (1, 1)


def _project_adds(case: str) -> tuple[int, int]:
    # of what tune tries, the cross-validated metric is recorded, and no model
    return (0, 0) if case in (UNCHANGED, TUNE) else _adds(case)


READ = Contestant("read", _prepare_script, partial(_script, SCRIPTS / "read.py"), lambda _: (0, 0), (COLD,))
FLOOR = Contestant(
    "floor",
    _prepare_script,
    partial(_script, SCRIPTS / "floor.py"),
    lambda _: (0, 0),
    tuple(case for case in CASES.values() if case != TUNE),
)
P1 = Contestant("P1", _prepare_script, partial(_script, SCRIPTS / "p1.py"), _adds)
PROJECT = Contestant("project", _prepare_project, _project, _project_adds)
CONTESTANTS = (READ, FLOOR, P1, PROJECT)


def recorded(folder: Path) -> tuple[int, int]:
    """Count what a contestant's store holds: the runs with metrics of a model, and the model versions."""
    database = folder / "mlflow.db"
    if not database.exists():
        return 0, 0
    with closing(sqlite3.connect(database)) as connection:
        (runs,) = connection.execute(
            "SELECT count(DISTINCT run_uuid) FROM metrics JOIN runs USING (run_uuid) "
            "WHERE key = 'accuracy' AND status = 'FINISHED'"
        ).fetchone()
        (versions,) = connection.execute("SELECT count(*) FROM model_versions").fetchone()
    return runs, versions


def _commit(folder: Path, env: Environment) -> None:
    run(["git", "add", "--all"], folder, env)
    run(["git", "commit", "--quiet", "--allow-empty", "--message=Before"], folder, env)


def _listed(values: Sequence[float]) -> str:
    return ",".join(map(str, values))
