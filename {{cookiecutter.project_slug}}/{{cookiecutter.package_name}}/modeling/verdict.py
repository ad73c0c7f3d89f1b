"""A model's verdict: every gate that params.yaml has, on the test rows of now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.dataset import Dataset
from ..data.learned import Learned
from ..data.table import check_validation
from ..errors import UserError
from ..files import damaged, needed, read_json
from ..hashing import file_md5
from ..params import Params
from ..paths import METRICS, MODEL, MODEL_MD5, PREDICTIONS
from ..text import masked
from .gates import Gate, against, improvement_gate, model_gates
from .metrics import predict, read_predictions, score

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

FEWEST = 30  # test rows, if they are not all, that say something about a model
COMPARABLE = "comparable, or a person's `promote --force`"


@dataclass(frozen=True)
class Champion:
    """What the model is compared with.

    Attributes:
        version: of the registered model.
        load: loads it.
        learned: tells which rows it learned from, or raises UserError.
    """

    version: str
    load: "Callable[[], BaseEstimator]"
    learned: Callable[[], Learned]


def judge_evaluation(
    params: Params, data: Dataset, champion: Champion | None
) -> tuple[dict[str, Any], list[Gate]]:
    """Judge the model by what the evaluate stage wrote; see `judge`.

    Returns:
        The content of reports/metrics.json, and the gates.

    Raises:
        UserError: there is no evaluation, or it is one of other rows or another model; or the data were not
            validated by the expectations of now.
    """
    import pandas as pd

    evaluation = read_json(METRICS, "evaluate")
    if "run_id" not in evaluation:
        raise damaged(METRICS, "evaluate", ValueError("it names no run"))
    if (md5 := file_md5(MODEL)) and evaluation.get(MODEL_MD5, md5) != md5:
        raise UserError(f"{METRICS}: is of another model than {MODEL}; run `dvc repro evaluate` first")
    check_validation()
    path, rules = needed(PREDICTIONS, "evaluate"), params.register_
    by_group = params.evaluate.groups and (rules.group_thresholds or rules.max_spread)
    if not by_group and champion is None:  # the metrics say it all, so no row is read
        return evaluation, model_gates(evaluation, pd.DataFrame(), pd.DataFrame(), rules)
    test = data.test
    try:
        predictions = read_predictions(path)
        _ = predictions[["actual", "predicted"]]
    except (ValueError, KeyError) as error:  # pandas' own are ValueErrors
        raise damaged(path, "evaluate", error) from None
    if len(predictions) != len(test):
        raise UserError(
            f"{PREDICTIONS}: has {len(predictions)} rows, but there are {len(test)} test rows; "
            "`dvc repro evaluate` brings it up to date"
        )
    return evaluation, judge(params, evaluation, predictions, data, np.ones(len(test), dtype=bool), champion)


def worth_judging(new: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    """Return the rows that are new to a model, if they are all, or enough to judge it by.

    Raises:
        UserError: they are too few.
    """
    if (count := int(new.sum())) < min(len(new), FEWEST):
        raise UserError(f"it learned from {len(new) - count} of the {len(new)} test rows, by another split")
    return new


def judge(
    params: Params,
    metrics: Mapping[str, Any],
    predictions: "pd.DataFrame",
    data: Dataset,
    chosen: "NDArray[np.bool_]",
    champion: Champion | None,
) -> list[Gate]:
    """Put a model through the gates.

    Args:
        params: with the gates.
        metrics: of the n rows, by name, and the latency of one row.
        predictions: of n test rows, from `metrics.predict`.
        data: that has these rows.
        chosen: which n of the m test rows they are, m booleans.
        champion: to be compared with, if there is one.
    """
    groups = data.test[params.evaluate.groups][chosen]
    gates = model_gates(metrics, predictions, groups, params.register_)
    if champion is None or params.register_.min_improvement is None:
        return gates
    try:
        return [*gates, _compared(params, metrics, predictions, data, chosen, champion)]
    except Exception as error:  # whatever an old model does today, it decides nothing
        said = masked(str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}")
        reason = f"version {champion.version}, the champion: {said}".split("\n")[0]
        return [*gates, Gate(against(params.evaluate.primary_metric), COMPARABLE, reason, None)]


def _compared(
    params: Params,
    metrics: Mapping[str, Any],
    predictions: "pd.DataFrame",
    data: Dataset,
    chosen: "NDArray[np.bool_]",
    champion: Champion,
) -> Gate:
    """Compare with the champion, on the rows that neither has learned from; see `judge`.

    Raises:
        Exception: it cannot be done.
    """
    metric, least = params.evaluate.primary_metric, params.register_.min_improvement or 0.0
    new = worth_judging(data.new_to(champion.learned())[chosen])
    both = np.flatnonzero(chosen)[new]
    rows = data.test if len(both) == len(chosen) else data.test.iloc[both]
    theirs = score(predict(champion.load(), rows.drop(columns=params.data.target), rows[params.data.target]))
    if metric not in theirs:
        raise UserError(f"it has no {metric} on these rows")
    on, ours = "", metrics
    if not new.all():
        on, ours = f" on {len(rows)} of {len(new)} rows, new to both", score(predictions[new])
    return improvement_gate(metric, ours.get(metric), theirs[metric], least, on)
