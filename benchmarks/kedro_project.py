"""The contestant that is a project of Kedro, with kedro-mlflow: `benchmarks/kedro`."""

import shutil
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from benchmarks.cases import CHANGED_LEARNING_RATE, LEARNING_RATES, MAX_LEAF_NODES, PARAMETER, TRIALS
from benchmarks.environment import HERE

DATASETS = {".csv": "pandas.CSVDataset", ".parquet": "pandas.ParquetDataset"}


def prepare(folder: Path, table: Path, env: dict[str, str]) -> None:
    """Copy the project, and name the table in its catalog."""
    shutil.copytree(HERE / "kedro", folder, ignore=shutil.ignore_patterns("__pycache__"))
    local = folder / "conf" / "local"
    local.mkdir(exist_ok=True)
    catalog = f"table:\n  type: {DATASETS[table.suffix]}\n  filepath: {table.as_posix()}\n"
    (local / "catalog.yml").write_text(catalog)


def commands(case: str, folder: Path, env: dict[str, str]) -> Sequence[Sequence[str | Path]]:
    """Edit what the case edits; a trial is a run of its own."""
    if case == PARAMETER:
        (folder / "conf" / "local" / "parameters.yml").write_text(f"learning_rate: {CHANGED_LEARNING_RATE}\n")
    if case == TRIALS:
        values = product(LEARNING_RATES, MAX_LEAF_NODES)
        params = [f"learning_rate={rate},max_leaf_nodes={leaves}" for rate, leaves in values]
        return [["kedro", "run", "--pipelines", "trial", "--params", words] for words in params]
    return [["kedro", "run"]]
