"""Which of a few models suits a small table of numbers: the one that errs least on rows it has not seen.

No rule about a table says which one that is. Cross-validated on 72 targets of 29 real tables of 150 to 1,600
rows, the RMSE of a forest with half of the columns at each branch was from 56 % below that of boosting
(panels, curves) to 22 % above it (little signal, or one column that tells most).
"""

import math
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any

from ..base import progress
from ..base.errors import UserError
from ..base.paths import PARAMS
from ..base.yaml import read_yaml
from ..project import params_type
from ..split.columns import columns_of
from ..split.folds import fold
from ..split.identity import Identity
from ..split.rule import divide
from ..tuning.cross_validation import CrossValidation
from ..tuning.space import Key, with_values
from .decisions import Decisions
from .parameters import BOOSTING, FOREST, SMALL, lacks, without_empty

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
FEWEST = 30  # rows of a table that tells anything about models
MOST_CELLS = 100_000  # of a table, up to which some forests are grown in a minute
HALF = 0.5  # the share of the columns that each branch of a forest chooses from
LEAST = 1e-300  # an error: there is no geometric mean with 0
TREES = 400  # of boosting: four times as many as small tables get if nothing is compared
CANDIDATES: dict[str, dict[Key, Any]] = {
    BOOSTING: {("model", "type"): BOOSTING},
    f"{BOOSTING} of {TREES} trees": {("model", "type"): BOOSTING, ("model", BOOSTING, "max_iter"): TREES},
    FOREST: {("model", "type"): FOREST, ("model", FOREST, "max_features"): None},
    f"{FOREST} of half the columns": {("model", "type"): FOREST, ("model", FOREST, "max_features"): HALF},
}


def choose(values: dict[Key, Any], decisions: Decisions) -> tuple[dict[Key, Any], str]:
    """Choose it by cross-validation on the training rows; the test rows have no say.

    Args:
        values: what params.yaml has to say of the table, by keys.
        decisions: about it.

    Returns:
        The values of the model, and why in a line; nothing of either where nothing is compared.
    """
    content = read_yaml(PARAMS)
    rows = decisions.table[decisions.table[decisions.source.data.target].notna()].reset_index(drop=True)
    if (
        decisions.source.data.task != "regression"
        or any(lacks(content, ("model", name)) for name in (BOOSTING, FOREST))
        or not FEWEST <= len(rows) <= SMALL
        or rows.size > MOST_CELLS
    ):
        return {}, ""
    content = with_values(content, without_empty(content, values))
    try:
        folds = _folds(content, rows)
    except (UserError, ValueError):  # too few groups or times, as `train` says: nothing is compared
        return {}, ""
    with progress.working(f"comparing models on {len(folds.rows)} training rows"):
        errors = {name: _error(folds, without_empty(content, chosen)) for name, chosen in CANDIDATES.items()}
    best = min(errors, key=lambda name: errors[name])
    others = ", ".join(f"{name} {error:.4g}" for name, error in errors.items() if name != best)
    why = f"{best}: its RMSE in {FOLDS} folds of the training rows is {errors[best]:.4g}; {others}"
    return ({}, "") if math.isinf(errors[best]) else (CANDIDATES[best], why)


def _folds(content: dict[str, Any], rows: "pd.DataFrame") -> CrossValidation:
    """Divide the rows as the stages will, and fold those to learn from.

    Raises:
        UserError: one side of the split would have no row.
        ValueError: there are fewer rows, groups or times than folds.
    """
    params = params_type().model_validate(content)
    columns = columns_of(rows, params)
    keys = Identity.of(rows.columns, columns.id, params).keys(rows)
    sides = divide(rows, params.split, columns.id, keys)
    train = rows[sides.train].reset_index(drop=True)
    folds = fold(train, params, columns.id, FOLDS, params.tune.seed)
    with_roles = with_values(content, {("data", "columns"): columns.model_dump()})
    return CrossValidation(with_roles, train, train[params.data.target].to_numpy(), folds)


def _error(folds: CrossValidation, chosen: dict[Key, Any]) -> float:
    """Return the RMSE of a model; infinite if it cannot be fitted.

    It is the geometric mean of the folds', so that the fold with a row far out does not decide alone.
    """
    metric = ("evaluate", "primary_metric")
    scores, failure = folds.evaluate({**chosen, metric: "rmse", ("tune", "metric"): None}, [])
    return math.inf if failure else geometric_mean([max(score, LEAST) for score in scores])
