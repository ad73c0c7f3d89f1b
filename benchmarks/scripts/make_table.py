"""Make a table: `python make_table.py SIZE ROWS COLUMNS OUTPUT`. Runs in the project's environment.

A table that is not the small one is made and written in chunks, so that ten million rows need no more memory
than a hundred thousand. Each chunk has a seed of its own: the first rows of all sizes are the same.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv, parquet

CHUNK = 100_000  # rows
LEVELS = (2, 3, 5, 8, 12, 40, 150, 1000)  # of the categories in a table of CSV
MISSING = 0.05  # of the cells of every other column in a table of CSV


def main(rows: int, columns: int, output: Path) -> None:
    """Write scikit-learn's breast cancer data for the small size, else a synthetic table."""
    mixed = output.suffix == ".csv"
    chunks = (
        chunk(seed, min(CHUNK, rows - seed * CHUNK), columns, mixed) for seed in range(-(-rows // CHUNK))
    )
    _write(chunks, output, mixed)


def chunk(seed: int, rows: int, columns: int, mixed: bool) -> pa.Table:
    """Make some rows: normal numbers, and categories if mixed, most of which tell something of the target."""
    random = np.random.default_rng(seed)
    levels = LEVELS if mixed else ()
    numbers = random.normal(size=(columns - len(levels), CHUNK))
    signal = numbers[0] + numbers[1] * numbers[2] - abs(numbers[3]) + 0.5 * numbers[4:8].sum(axis=0)
    cells = {f"x{i}": numbers[i].round(4) if mixed else numbers[i] for i in range(len(numbers))}
    for i, count in enumerate(levels):
        codes = (count * random.random(CHUNK) ** 2).astype(int)  # the first levels are the most frequent
        signal += np.sin(codes)
        cells[f"c{i}"] = np.array([f"level {code}" for code in range(count)])[codes]
    target = (signal + random.normal(size=CHUNK) > 0).astype(int)
    gaps = random.random((len(cells), CHUNK)) < MISSING
    made = {
        name: pa.array(values, mask=gap if mixed and i % 2 else None)
        for i, ((name, values), gap) in enumerate(zip(cells.items(), gaps, strict=True))
    }
    return pa.table({**made, "target": target}).slice(0, rows)


def _write(chunks: Iterator[pa.Table], output: Path, mixed: bool) -> None:
    first = next(chunks)
    writer = csv.CSVWriter if mixed else parquet.ParquetWriter
    with writer(output, first.schema) as file:
        file.write_table(first)
        for table in chunks:
            file.write_table(table)


def small(rows: int, output: Path) -> None:
    """Write the first rows of scikit-learn's breast cancer data."""
    from sklearn.datasets import load_breast_cancer

    frame: pd.DataFrame = load_breast_cancer(as_frame=True).frame
    frame.columns = [*(name.replace(" ", "_") for name in frame.columns[:-1]), "target"]
    write = frame.head(rows).to_csv if output.suffix == ".csv" else frame.head(rows).to_parquet
    write(output, index=False)


if __name__ == "__main__":
    size, rows, columns, output = sys.argv[1:]
    if size.startswith("small"):
        small(int(rows), Path(output))
    else:
        main(int(rows), int(columns), Path(output))
