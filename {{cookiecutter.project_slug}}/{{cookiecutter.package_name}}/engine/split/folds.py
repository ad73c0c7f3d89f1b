"""The training rows in folds, which are divided as the split divides the table."""

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
    """Fold n training rows, by scikit-learn's own rules.

    Where the split is by time, each fold is judged by a model of what came earlier. Otherwise rows are
    shuffled, and those of a group are in one fold; without groups, those with the same id, or equal ones,
    unless `split.duplicates` has them apart.

    Args:
        rows: all columns.
        params: the parameters with the rules of the split.
        ids: the columns that name a row, if any.
        count: the count of folds.
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
    """Fold n rows by chance, of classes each with its share."""
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
    """Fold rows in the order of time.

    Raises:
        ValueError: there is nothing to fit on before a fold.
    """
    from sklearn.model_selection import TimeSeriesSplit

    order = np.argsort(times, kind="stable")
    folds: Folds = []
    for earlier, judged in TimeSeriesSplit(count).split(order):
        first = times[order[judged[0]]]
        # its own gap is in rows; and rows of one time may be on both sides of its cut
        fitted = order[earlier][times[order[earlier]] < first - gap]
        if not len(fitted):
            raise ValueError(f"none is early enough to fit on before fold {len(folds) + 1} of {count}")
        folds.append((fitted, order[judged]))
    return folds
