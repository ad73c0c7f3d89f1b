"""Who is measured: how each is set up, and what it runs in each case."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import kedro_project, project, script
from benchmarks.cases import CASES, COLD, LEARNING_RATES, MAX_LEAF_NODES, TRIALS, TUNE, UNCHANGED
from benchmarks.environment import KEDRO

Commands = Sequence[Sequence[str | Path]]
Environment = dict[str, str]
USED = ("great-expectations", "matplotlib", "mlflow", "pandas", "pyarrow", "scikit-learn", "skops")


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes:
        prepare: sets up a folder that is not there yet, given the table's file; not measured.
        commands: does, unmeasured, what a user would before the case (an edit, a commit), and returns
            the commands to measure.
        adds: what a case adds to its MLflow store: runs with a model's metrics, and model versions.
        cases: those in which it is measured.
        own: the requirements of its own environment; none, if it uses that of the project.
    """

    name: str
    prepare: Callable[[Path, Path, Environment], None]
    commands: Callable[[str, Path, Environment], Commands]
    adds: Callable[[str], tuple[int, int]]
    cases: tuple[str, ...] = tuple(CASES.values())
    own: tuple[str, ...] = ()


def _adds(case: str) -> tuple[int, int]:
    return (len(LEARNING_RATES) * len(MAX_LEAF_NODES), 0) if case in (TRIALS, TUNE) else (1, 1)


def _project_adds(case: str) -> tuple[int, int]:
    # of what tune tries, the cross-validated metric is recorded, and no model
    return (0, 0) if case in (UNCHANGED, TUNE) else _adds(case)


def _nothing(case: str) -> tuple[int, int]:
    return 0, 0


_NOT_TUNE = tuple(case for case in CASES.values() if case != TUNE)

CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        Contestant("read", script.prepare, script.commands("read.py"), _nothing, (COLD,)),
        Contestant("floor", script.prepare, script.commands("floor.py"), _nothing, _NOT_TUNE),
        Contestant("P1", script.prepare, script.commands("p1.py"), _adds),
        Contestant("tuned", script.prepare_with_store, script.commands("tuned.py"), _adds, own=USED),
        Contestant("kedro", kedro_project.prepare, kedro_project.commands, _adds, _NOT_TUNE, (*KEDRO, *USED)),
        Contestant("project", project.prepare, project.commands, _project_adds),
    )
}


def recorded(folder: Path) -> tuple[int, int]:
    """Count what a contestant's store holds: the runs with metrics of a model, and the model versions.

    A metric of kedro-mlflow has the name of its data set before its own.
    """
    database = folder / "mlflow.db"
    if not database.exists():
        return 0, 0
    with closing(sqlite3.connect(database)) as connection:
        (runs,) = connection.execute(
            "SELECT count(DISTINCT run_uuid) FROM metrics JOIN runs USING (run_uuid) "
            "WHERE key IN ('accuracy', 'metrics.accuracy') AND status = 'FINISHED'"
        ).fetchone()
        (versions,) = connection.execute("SELECT count(*) FROM model_versions").fetchone()
    return runs, versions
