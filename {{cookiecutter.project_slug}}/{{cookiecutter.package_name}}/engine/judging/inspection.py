"""What the model looks at, where it is weak, how fast it is."""

import time
from statistics import median
from typing import TYPE_CHECKING

from ..table.cells import as_numbers, as_text
from .prediction import measure, quality

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

MISSING = "(missing)"
SAMPLE = 2_000  # rows that suffice to rank features


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


def importances(model: "Pipeline", rows: "pd.DataFrame", actual: "pd.Series", seed: int) -> "pd.DataFrame":
    """Measure how much `prediction.quality` falls when a column is shuffled.

    Permutation importance, the mean of five shuffles (L. Breiman, Machine Learning 45, 2001), fewer
    in a table of more than 100 columns, on at most `SAMPLE` rows.

    Returns:
        A row per column, the most important first: `feature`, `importance`, `std`.
    """
    import pandas as pd
    from sklearn.inspection import permutation_importance

    sample = rows.sample(min(len(rows), SAMPLE), random_state=seed)
    repeats = min(5, max(1, 500 // rows.shape[1]))
    scored, inputs = model, sample
    if _is_one_to_one(model[:-1], list(rows.columns)):
        # shuffled after it was prepared, which is the same, and prepared but once
        scored, inputs = model[-1], model[:-1].transform(sample)
    shuffled = permutation_importance(
        scored, inputs, actual.loc[sample.index], scoring=quality, n_repeats=repeats, random_state=seed
    )
    table = pd.DataFrame(
        {"feature": rows.columns, "importance": shuffled.importances_mean, "std": shuffled.importances_std}
    )
    return table.sort_values("importance", ascending=False, kind="stable").reset_index(drop=True)


def _is_one_to_one(prepare: "Pipeline", columns: list[str]) -> bool:
    """Tell whether each prepared column is known to be made of the raw one in its place, and of no other."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        OrdinalEncoder,
        StandardScaler,
    )

    from ..table.spelling import Spelling

    first = prepare[0] if len(prepare) == 1 else None
    if not isinstance(first, ColumnTransformer):
        return False
    taken: list[str] = []
    for name, transformer, listed in first.transformers_:
        if not listed:
            continue
        steps = (
            [step for _, step in transformer.steps] if isinstance(transformer, Pipeline) else [transformer]
        )
        for step in steps:
            if isinstance(step, FunctionTransformer):
                if step.func not in (as_numbers, as_text):
                    return False
            elif type(step) not in (OrdinalEncoder, SimpleImputer, Spelling, StandardScaler):
                return False
        width = first.output_indices_[name]
        if width.stop - width.start != len(listed):
            return False
        taken += listed
    return taken == columns


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
