"""A contestant that is one script: `python SCRIPT TABLE LEARNING_RATE,… MAX_LEAF_NODES,…`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.cases import (
    CHANGED_LEARNING_RATE,
    COLD,
    LEARNING_RATE,
    LEARNING_RATES,
    MAX_LEAF_NODES,
    TRIALS,
    TUNE,
)
from benchmarks.environment import SCRIPTS, run


def prepare(folder: Path, table: Path, env: dict[str, str]) -> None:
    """Make the folder that the script runs in."""
    folder.mkdir(parents=True)
    (folder / f"table{table.suffix}").symlink_to(table)


def prepare_with_store(folder: Path, table: Path, env: dict[str, str]) -> None:
    """Make the folder, and MLflow's store in it."""
    prepare(folder, table, env)
    run(["python", SCRIPTS / "store.py", folder.name], folder, env)


def commands(name: str) -> Callable[[str, Path, dict[str, str]], Sequence[Sequence[str | Path]]]:
    """Return what gives the commands of a script for a case."""

    def of(case: str, folder: Path, env: dict[str, str]) -> Sequence[Sequence[str | Path]]:
        trials = case in (TRIALS, TUNE)
        rates = LEARNING_RATES if trials else (LEARNING_RATE if case == COLD else CHANGED_LEARNING_RATE,)
        leaves = MAX_LEAF_NODES if trials else (31,)
        (table,) = folder.glob("table.*")
        return [["python", SCRIPTS / name, table.name, _listed(rates), _listed(leaves)]]

    return of


def _listed(values: Sequence[float]) -> str:
    return ",".join(map(str, values))
