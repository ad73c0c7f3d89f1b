"""Rows on the workers of a cluster: sent from here, or read there."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np

from ..base.paths import PACKAGE
from ..split.elsewhere import Elsewhere

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

Matrix = Any  # Dask's: rows in blocks, each on a worker
BLOCKS = 4  # blocks of rows that are in memory, for each thread


def of_memory(client: Any, prepared: "NDArray[Any]") -> tuple[list[int], Matrix]:
    """Send rows to the workers, in blocks."""
    from dask import array, delayed

    blocks = np.array_split(prepared, min(len(prepared), BLOCKS * sum(client.nthreads().values())))
    parts = [delayed(client.scatter(block)) for block in blocks]
    arrays = [
        array.from_delayed(part, shape=block.shape, dtype=block.dtype)
        for part, block in zip(parts, blocks, strict=True)
    ]
    return [len(block) for block in blocks], array.concatenate(arrays)


def of_files(
    client: Any, steps: "Pipeline", example: "pd.DataFrame", elsewhere: Elsewhere
) -> tuple[list[int], Matrix, Matrix]:
    """Have the workers read their rows and apply the steps to them."""
    from dask import array, delayed

    cloudpickle.register_pickle_by_value(sys.modules[PACKAGE])  # workers need not have the project
    packed = delayed(client.scatter(cloudpickle.dumps(steps.transform), broadcast=True))
    load, width = delayed(_loader()), np.asarray(steps.transform(example)).shape[1]
    names = [*elsewhere.features, *([elsewhere.weight] if elsewhere.weight else [])]
    sizes, matrices, weights = [], [], []
    for group in elsewhere.groups:
        rows = int(group.chosen.sum())
        read = (group.path, group.number, group.chosen, elsewhere.target)
        block = load(packed, *read, names, elsewhere.features)
        matrices.append(array.from_delayed(block, shape=(rows, width), dtype="float64"))
        if elsewhere.weight:
            column = load(None, *read, names, elsewhere.weight)
            weights.append(array.from_delayed(column, shape=(rows,), dtype="float64"))
        sizes.append(rows)
    return sizes, array.concatenate(matrices), array.concatenate(weights) if weights else None


def _loader() -> Callable[..., Any]:
    """Return the function that a worker calls: a nested function is sent to it as a whole, not by name."""

    def load(
        packed: bytes | None, path: str, number: int, chosen: Any, target: str, names: list[str], wanted: Any
    ) -> Any:
        import cloudpickle
        import numpy
        import pyarrow
        from pyarrow.parquet import ParquetFile

        with ParquetFile(path) as file:
            table = file.read_row_group(number, columns=list(dict.fromkeys([*names, target])))
        table = table.filter(table.column(target).is_valid()).filter(pyarrow.array(chosen))
        frame = table.to_pandas()
        values = frame[wanted] if packed is None else cloudpickle.loads(packed)(frame[wanted])
        return numpy.asarray(values, dtype="float64")

    return load


def in_blocks(blocks: "list[NDArray[Any]]") -> Matrix:
    """Make one column from blocks of cells."""
    from dask import array

    return array.concatenate([array.from_array(block, chunks=max(len(block), 1)) for block in blocks])
