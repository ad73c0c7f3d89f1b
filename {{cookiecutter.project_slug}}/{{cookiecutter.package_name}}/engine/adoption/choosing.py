"""Choosing the model for a small table: of a few, the one that is best on rows that it has not seen.

No property of a table tells in advance which one that is. In cross-validation on 72 targets of 29 real tables
of 150 to 1,600 rows, the RMSE of a forest that considers half of the columns at each branch was between 56 %
below that of boosting (panels, curves) and 22 % above it (little signal, or one column that explains most).
For classes, in eleven real tables of 32 to 1,808 rows, each of these was the best for some tables: boosting,
a forest, a forest with three rows in a leaf, and a linear model. A linear model takes a second, and is often
the best if there are few rows.
"""

import warnings
from statistics import fmean, geometric_mean
from typing import TYPE_CHECKING, Any

from .. import project
from ..base import progress
from ..base.errors import UserError
from ..base.paths import PARAMS
from ..base.yaml import read_yaml
from ..split.columns import columns_of
from ..split.folds import fold
from ..split.identity import Identity
from ..split.rule import divide
from ..tuning.cross_validation import CrossValidation
from ..tuning.space import Key, with_values
from .decisions import Decisions
from .parameters import BOOSTING, FOREST, LEAF, SMALL, lacks, without_empty

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
FEWEST = 30  # rows; a smaller table says nothing about models
MOST_CELLS = 100_000  # the largest table for which several forests are fitted within a minute
HALF = 0.5  # the share of the columns that each branch of a forest chooses from
LEAST = 1e-300  # stands for an error of 0, with which there is no geometric mean
TREES = 400  # trees of boosting: four times as many as a small table gets if nothing is compared
RIDGE, LOGISTIC = "ridge", "logistic_regression"
THRESHOLD = ("model", "threshold")
Candidates = dict[str, dict[Key, Any]]
OF_NUMBERS: Candidates = {
    BOOSTING: {("model", "type"): BOOSTING},
    f"{BOOSTING} of {TREES} trees": {("model", "type"): BOOSTING, ("model", BOOSTING, "max_iter"): TREES},
    FOREST: {("model", "type"): FOREST, ("model", FOREST, "max_features"): None},
    f"{FOREST} of half the columns": {("model", "type"): FOREST, ("model", FOREST, "max_features"): HALF},
    RIDGE: {("model", "type"): RIDGE},
}
OF_CLASSES: Candidates = {
    BOOSTING: {("model", "type"): BOOSTING},
    FOREST: {("model", "type"): FOREST, ("model", FOREST, "min_samples_leaf"): 1},
    f"{FOREST} of {LEAF} rows in a leaf": {
        ("model", "type"): FOREST,
        ("model", FOREST, "min_samples_leaf"): LEAF,
    },
    LOGISTIC: {("model", "type"): LOGISTIC},
}


def choose(values: dict[Key, Any], decisions: Decisions) -> tuple[dict[Key, Any], str]:
    """Choose the model by cross-validation on the training rows; the test rows have no influence.

    Models for numbers are compared by RMSE, models for classes by the project's primary metric. If each fit
    would choose a threshold, which takes six times as long, they are compared by the average precision, which
    needs no threshold.

    Args:
        values: what params.yaml is to say about the table, by keys.
        decisions: the decisions about the table.

    Returns:
        The values of the model, and the reason in one line; both are empty if nothing is compared.
    """
    content = read_yaml(PARAMS)
    rows = decisions.table[decisions.table[decisions.source.data.target].notna()].reset_index(drop=True)
    if (
        any(lacks(content, ("model", name)) for name in (BOOSTING, FOREST))
        or not FEWEST <= len(rows) <= SMALL
        or rows.size > MOST_CELLS
    ):
        return {}, ""
    content = with_values(content, without_empty(content, values))
    try:
        folds = _folds(content, rows)
    except (UserError, ValueError):  # too few groups or times, which `train` reports: nothing is compared
        return {}, ""
    numbers = decisions.source.data.task == "regression"
    candidates = {
        name: chosen
        for name, chosen in (OF_NUMBERS if numbers else OF_CLASSES).items()
        if not lacks(content, ("model", chosen["model", "type"]))
    }
    metric = "rmse" if numbers else str(content["evaluate"]["primary_metric"])
    without: dict[Key, Any] = {}
    if values.get(THRESHOLD) is not None:
        metric, without = "average_precision", {THRESHOLD: None}
    found: dict[str, float | None] = {}
    with progress.working(f"comparing {len(candidates)} models on {len(folds.rows)} training rows"):
        progress.tell(lambda: f"{len(found)} of {len(candidates)} are fitted")
        for name, chosen in candidates.items():
            found[name] = _measured(folds, without_empty(content, chosen) | without, metric)
    measured = {name: value for name, value in found.items() if value is not None}
    if not measured:
        return {}, ""
    sign = 1 if project.greater_is_better()[metric] else -1
    best = max(measured, key=lambda name: sign * measured[name])
    others = ", ".join(f"{name} {value:.4g}" for name, value in measured.items() if name != best)
    said = "RMSE" if numbers else metric
    why = f"{best}: its {said} in {FOLDS} folds of the training rows is {measured[best]:.4g}; {others}"
    return candidates[best], why


def _folds(content: dict[str, Any], rows: "pd.DataFrame") -> CrossValidation:
    """Split the rows as the stages will, and divide the training rows into folds.

    Raises:
        UserError: one side of the split would have no rows.
        ValueError: there are fewer rows, groups or times than folds.
    """
    params = project.params_type().model_validate(content)
    columns = columns_of(rows, params)
    keys = Identity.of(rows.columns, columns.id, params).keys(rows)
    sides = divide(rows, params.split, columns.id, keys)
    train = rows[sides.train].reset_index(drop=True)
    folds = fold(train, params, columns.id, FOLDS, params.tune.seed)
    with_roles = with_values(content, {("data", "columns"): columns.model_dump()})
    return CrossValidation(with_roles, train, train[params.data.target].to_numpy(), folds)


def _measured(folds: CrossValidation, chosen: dict[Key, Any], metric: str) -> float | None:
    """Return the mean of a metric over the folds; None if the model cannot be fitted.

    For an error it is the geometric mean, so that a fold with an outlier does not decide alone.
    """
    by: dict[Key, Any] = {("evaluate", "primary_metric"): metric, ("tune", "metric"): None}
    with warnings.catch_warnings(action="ignore"):  # they are about a model that may not be chosen
        scores, failure = folds.evaluate({**chosen, **by}, [])
    if failure:
        return None
    return geometric_mean([max(score, LEAST) for score in scores]) if metric == "rmse" else fmean(scores)
