"""The contestant that is this template's project, as baked."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.adapt import MODEL, adapt, change_a_parameter
from benchmarks.cases import LEARNING_RATES, MAX_LEAF_NODES, PARAMETER, TRIALS, TUNE
from benchmarks.environment import bake, run


def prepare(folder: Path, table: Path, env: dict[str, str]) -> None:
    """Bake it, point it to the table and commit."""
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


def commands(case: str, folder: Path, env: dict[str, str]) -> Sequence[Sequence[str | Path]]:
    """Edit what the case edits; trials begin at a commit."""
    if case == PARAMETER:
        change_a_parameter(folder)
    if case in (TRIALS, TUNE):
        _commit(folder, env)
    if case == TRIALS:
        grid = {"learning_rate": LEARNING_RATES, "max_leaf_nodes": MAX_LEAF_NODES}
        overrides = [
            word
            for name, values in grid.items()
            for word in ("--set-param", f"model.{MODEL}.{name}={','.join(map(str, values))}")
        ]
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


def _commit(folder: Path, env: dict[str, str]) -> None:
    run(["git", "add", "--all"], folder, env)
    run(["git", "commit", "--quiet", "--allow-empty", "--message=Before"], folder, env)
