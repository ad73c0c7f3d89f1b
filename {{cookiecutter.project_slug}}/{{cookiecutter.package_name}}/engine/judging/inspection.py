"""Where the model is weak, and how fast it is."""

import time
from statistics import median
from typing import TYPE_CHECKING

from .prediction import measure

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

MISSING = "(missing)"


def group_metrics(predictions: "pd.DataFrame", groups: "pd.DataFrame", min_rows: int = 1) -> "pd.DataFrame":
    """Compute the metrics for each value of each grouping column.

    Args:
        predictions: n rows, from `prediction.predict`.
        groups: the same n rows, a column a grouping.
        min_rows: values of fewer rows are left out.

    Returns:
        A row per column and value: `column`, `group`, `rows` and the metrics these rows allow.
    """
    import pandas as pd

    rows = []
    for column in groups.columns:
        values = groups[column].astype("str").fillna(MISSING).to_numpy()
        for value, part in predictions.groupby(values):
            if len(part) >= min_rows:
                rows.append({"column": column, "group": value, "rows": len(part), **measure(part)})
    return pd.DataFrame(rows, columns=None if rows else ["column", "group", "rows"])


def latency_ms(model: "BaseEstimator", rows: "pd.DataFrame") -> float:
    """Measure the median time, in milliseconds, in which one thread predicts a single row.

    With all threads a small prediction waits for them, and they for whatever else the machine does: one model
    took 80 to 98 ms with one thread, and 346 to 669 ms with all of a machine that was not idle. The first
    prediction, which imports and compiles, does not count. Call it when nothing else runs in this process.

    Args:
        model: fitted.
        rows: at least one, the columns that the model uses and no others.
    """
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    row, times = rows.head(1), []
    with threadpool_limits(1), parallel_config("sequential"):
        model.predict(row)
        for _ in range(11):
            start = time.perf_counter()
            model.predict(row)
            times.append(time.perf_counter() - start)
    return median(times) * 1000
