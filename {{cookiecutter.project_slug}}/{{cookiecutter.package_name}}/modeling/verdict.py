"""A model's verdict: every gate that params.yaml has, on the test rows of now."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..data.dataset import Dataset
from ..errors import UserError
from ..files import needed
from ..params import Params
from ..paths import METRICS, PREDICTIONS
from .gates import Gate, improvement_gate, model_gates
from .metrics import predict, read_predictions, score

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator


def judge_evaluation(
    params: Params, data: Dataset, load_champion: "Callable[[], BaseEstimator] | None"
) -> tuple[dict[str, Any], list[Gate]]:
    """Judge the model by what the evaluate stage wrote; see `judge`.

    Returns:
        The content of reports/metrics.json, and the gates.

    Raises:
        UserError: there is no evaluation, or it is one of other rows.
    """
    import pandas as pd

    evaluation: dict[str, Any] = json.loads(needed(METRICS, "evaluate").read_text(encoding="utf-8"))
    path, rules = needed(PREDICTIONS, "evaluate"), params.register_
    by_group = params.evaluate.groups and (rules.group_thresholds or rules.max_spread)
    if not by_group and load_champion is None:  # the metrics say it all, so no row is read
        return evaluation, model_gates(evaluation, pd.DataFrame(), pd.DataFrame(), rules)
    predictions, test = read_predictions(path), data.test
    if len(predictions) != len(test):
        raise UserError(
            f"{PREDICTIONS}: has {len(predictions)} rows, but there are {len(test)} test rows; "
            "`dvc repro evaluate` brings it up to date"
        )
    return evaluation, judge(params, evaluation, predictions, test, load_champion)


def judge(
    params: Params,
    metrics: Mapping[str, Any],
    predictions: "pd.DataFrame",
    test: "pd.DataFrame",
    load_champion: "Callable[[], BaseEstimator] | None",
) -> list[Gate]:
    """Put a model through the gates.

    Args:
        params: with the gates.
        metrics: of the n test rows, by name, and the latency of one row.
        predictions: n rows, from `metrics.predict`.
        test: the n test rows, all columns.
        load_champion: loads the champion; None if there is none to be compared with.
    """
    gates = model_gates(metrics, predictions, test[params.evaluate.groups], params.register_)
    least, metric = params.register_.min_improvement, params.evaluate.primary_metric
    if load_champion is None or least is None:
        return gates
    target = params.data.target
    try:
        theirs = score(predict(load_champion(), test.drop(columns=target), test[target]))[metric]
    except Exception as error:  # whatever an old model does with today's rows, ours has not beaten it
        reason = f"it cannot be scored on these rows: {type(error).__name__}: {error}".split("\n")[0]
        return [*gates, Gate(f"{metric} against the champion", "a champion's", reason, False)]
    return [*gates, improvement_gate(metric, metrics.get(metric), theirs, least)]
