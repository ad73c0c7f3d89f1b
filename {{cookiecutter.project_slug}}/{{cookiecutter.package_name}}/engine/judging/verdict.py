"""A model's verdict: every gate that params.yaml has, on the test rows of now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import project
from ..base.errors import UserError, first_line, kind_and_line
from ..base.faults import fault
from ..base.files import damaged, needed, read_json
from ..base.hashing import file_md5
from ..base.paths import METRICS, MODEL, MODEL_MD5, PACKAGE, PREDICTIONS
from ..base.text import masked
from ..params import Params
from ..split.dataset import Dataset
from ..split.learned import Learned
from ..table.validated import check_validation
from .gates import Gate, Judged, against, improvement_gate
from .prediction import measure, predict, read_predictions

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
    evaluation = read_json(METRICS, "evaluate")
    if "run_id" not in evaluation:
        raise damaged(METRICS, "evaluate", ValueError("it names no run"))
    if (md5 := file_md5(MODEL)) and evaluation.get(MODEL_MD5, md5) != md5:
        raise UserError(f"{METRICS}: is of another model than {MODEL}; run `dvc repro evaluate` first")
    check_validation()
    path = needed(PREDICTIONS, "evaluate")

    def rows() -> "tuple[pd.DataFrame, pd.DataFrame]":
        return _read_predictions(path, params, data), data.test_rows[params.evaluate.groups]

    return evaluation, judge(params, evaluation, rows, data, None, champion)


def _read_predictions(path: Path, params: Params, data: Dataset) -> "pd.DataFrame":
    """Read the predictions of the test rows, as evaluate wrote them.

    Raises:
        UserError: they are damaged, or of other rows.
    """
    try:
        predictions = read_predictions(path, params.data.task)
        _ = predictions[["actual", "predicted"]]
    except (ValueError, KeyError) as error:  # pandas' own are ValueErrors
        raise damaged(path, "evaluate", error) from None
    if len(predictions) != len(data.test_rows):
        raise UserError(
            f"{PREDICTIONS}: has {len(predictions)} rows, but there are {len(data.test_rows)} test rows; "
            "`dvc repro evaluate` brings it up to date"
        )
    return predictions


def worth_judging(new: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    """Return the rows that are new to a model, if they are all, or enough to judge it by.

    Raises:
        UserError: they are too few.
    """
    if (count := int(new.sum())) < min(len(new), FEWEST):
        learned = f"it learned from {len(new) - count} of the {len(new)} test rows"
        raise UserError(f"{learned}, from their groups or from what came later, by another split")
    return new


def judge(
    params: Params,
    metrics: Mapping[str, Any],
    rows: "Callable[[], tuple[pd.DataFrame, pd.DataFrame]]",
    data: Dataset,
    chosen: "NDArray[np.bool_] | None",
    champion: Champion | None,
) -> list[Gate]:
    """Put a model through the project's gates.

    Args:
        params: with the rules.
        metrics: of the n rows, by name, and the latency of one row.
        rows: reads n predictions, as from `prediction.predict`, and their groups.
        data: that has these rows.
        chosen: which n of the m test rows they are, m booleans; None: all.
        champion: to be compared with, if there is one.

    Raises:
        UserError: what is needed cannot be read; a gate fails in another way than by saying so.
    """

    def compared() -> list[Gate]:
        if champion is None:
            return []
        predictions = judged.predictions
        which = np.ones(len(data.test_rows), dtype=bool) if chosen is None else chosen
        try:
            return [_compared(params, metrics, predictions, data, which, champion)]
        except Exception as error:  # whatever an old model does today, it decides nothing
            said = first_line(error) if isinstance(error, UserError) else kind_and_line(error)
            reason = f"version {champion.version}, the champion: {masked(said)}"
            return [Gate(against(params.evaluate.primary_metric), COMPARABLE, reason, None)]

    judged = Judged(metrics, params.register_, rows, compared)
    return [gate for function in project.gates().GATES for gate in _made_by(function, judged)]


def _made_by(function: "Callable[[Judged], Iterable[Gate]]", judged: Judged) -> list[Gate]:
    """Return the gates of one function of the list, which may be one of the user's own.

    Raises:
        UserError: it raises, or returns something else.
    """
    where = f"{PACKAGE}/gates.py: {getattr(function, '__name__', function)}"
    try:
        made = function(judged)
        gates = list(made) if isinstance(made, Iterable) else [made]
    except UserError:
        raise
    except Exception as error:
        raise UserError(masked(fault(error) or f"{where}: {kind_and_line(error)}")) from error
    if wrong := [gate for gate in gates if not isinstance(gate, Gate)]:
        raise UserError(f"{where}: needs to return a list of gates; got {wrong[0]!r}")
    return gates


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
    rows = data.test_rows if len(both) == len(chosen) else data.test_rows.iloc[both]
    theirs = measure(
        predict(champion.load(), rows.drop(columns=params.data.target), rows[params.data.target])
    )
    if metric not in theirs:
        raise UserError(f"it has no {metric} on these rows")
    on, ours = "", metrics
    if not new.all():
        on, ours = f" on {len(rows)} of {len(new)} rows, new to both", measure(predictions[new])
    return improvement_gate(metric, ours.get(metric), theirs[metric], least, on)
