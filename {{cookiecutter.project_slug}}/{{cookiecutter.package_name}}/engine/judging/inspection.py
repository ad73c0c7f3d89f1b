"""Where the model is weak, and how fast it is."""

import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from .prediction import measure

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

MISSING = "(missing)"
BATCH = 1000  # rows


class Latency(NamedTuple):
    """How long one thread takes to predict, in milliseconds.

    Attributes:
        row: the time for a single row.
        batch: the time for `BATCH` rows at once.
    """

    row: float
    batch: float


def group_metrics(predictions: "pd.DataFrame", groups: "pd.DataFrame", min_rows: int = 1) -> "pd.DataFrame":
    """Compute the metrics for each value of each grouping column.

    Args:
        predictions: n rows, from `prediction.predict`.
        groups: the same n rows, with a column for each grouping.
        min_rows: values with fewer rows are left out.

    Returns:
        A row per column and value: `column`, `group`, `rows`, and the metrics that these rows allow.
    """
    import pandas as pd

    rows = []
    for column in groups.columns:
        values = groups[column].astype("str").fillna(MISSING).to_numpy()
        for value, part in predictions.groupby(values):
            if len(part) >= min_rows:
                rows.append({"column": column, "group": value, "rows": len(part), **measure(part)})
    return pd.DataFrame(rows, columns=None if rows else ["column", "group", "rows"])


def latency(model: "BaseEstimator", rows: "pd.DataFrame") -> Latency:
    """Measure the median time that one thread takes to predict a single row, and a batch of rows.

    A table with fewer rows than a batch is repeated. Call this when nothing else runs in this process.

    Args:
        model: the fitted model.
        rows: at least one row, with the columns that the model uses and no others.
    """
    import numpy as np

    batch = rows.iloc[np.resize(np.arange(len(rows)), BATCH)]
    return Latency(latency_ms(model, rows), _median_ms(model, batch, times=3))


def latency_ms(model: "BaseEstimator", rows: "pd.DataFrame") -> float:
    """Measure the median time, in milliseconds, that one thread takes to predict a single row.

    With all threads, a small prediction waits for each of them, and they wait for whatever else the machine
    does: one model took 80 to 98 ms with one thread, and 346 to 669 ms with all threads of a machine that was
        not idle.
    The first prediction, which imports and compiles, does not count.
    """
    return _median_ms(model, rows.head(1), times=11)


def _median_ms(model: "BaseEstimator", rows: "pd.DataFrame", times: int) -> float:
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    taken = []
    with threadpool_limits(1), parallel_config("sequential"):
        model.predict(rows)
        for _ in range(times):
            start = time.perf_counter()
            model.predict(rows)
            taken.append(time.perf_counter() - start)
    return median(taken) * 1000
