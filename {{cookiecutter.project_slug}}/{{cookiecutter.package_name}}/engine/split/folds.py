"""The training rows in folds, which are divided in the way the split divides the table."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Params
from .identity import Identity, row_keys
from .latest import read_times

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def fold(rows: "pd.DataFrame", params: Params, ids: list[str], count: int, seed: int) -> "Folds":
    """Divide n training rows into folds, by scikit-learn's own rules.

    If the split is by time, each fold is predicted by a model of the earlier rows. Otherwise rows are
    shuffled, and the rows of a group are in one fold; without groups, so are rows with the same id and equal
    rows, unless `split.duplicates` sets these apart.

    Args:
        rows: the rows with all columns.
        params: the parameters with the rules of the split.
        ids: the columns that name a row, if any.
        count: how many folds.
        seed: the random seed.

    Returns:
        For each fold, the positions of the rows to fit on and of those to judge by.

    Raises:
        ValueError: there are fewer rows, groups or times than folds.
    """
    if params.split.time is not None:
        return _in_time(read_times(rows[params.split.time]), count, params.split.gap)
    by, identity = params.split.groups, Identity.of(rows.columns, ids, params)
    groups = row_keys(rows, by) if by else identity.keys(rows)
    return _shuffled(rows[params.data.target], params.data.task, groups, count, seed)


def _shuffled(
    target: "pd.Series[Any]", task: str, groups: "NDArray[np.uint64]", count: int, seed: int
) -> "Folds":
    """Divide n rows into folds at random; each fold gets its share of each class."""
    import pandas as pd
    from sklearn import model_selection

    how = {"n_splits": count, "shuffle": True, "random_state": seed}
    grouped = bool(pd.Series(groups).duplicated().any())
    if task == "classification":
        folder = model_selection.StratifiedGroupKFold if grouped else model_selection.StratifiedKFold
    else:
        folder = model_selection.GroupKFold if grouped else model_selection.KFold
    return list(folder(**how).split(groups, target, groups if grouped else None))


def _in_time(times: "NDArray[np.float64]", count: int, gap: float) -> "Folds":
    """Divide rows into folds in the order of time.

    Raises:
        ValueError: there are no rows to fit on before a fold.
    """
    from sklearn.model_selection import TimeSeriesSplit

    order = np.argsort(times, kind="stable")
    folds: Folds = []
    for earlier, judged in TimeSeriesSplit(count).split(order):
        first = times[order[judged[0]]]
        # scikit-learn's own gap is in rows, and its cut may divide rows of the same time
        fitted = order[earlier][times[order[earlier]] < first - gap]
        if not len(fitted):
            raise ValueError(f"no row is early enough to fit on before fold {len(folds) + 1} of {count}")
        folds.append((fitted, order[judged]))
    return folds
