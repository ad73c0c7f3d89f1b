"""The comparison with the champion, on the rows that neither model has learned from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import project
from ..base.errors import UserError, first_line, kind_and_line
from ..base.text import masked
from ..params import Params
from ..split.dataset import Dataset
from ..split.learned import Learned
from .candidate import Candidate
from .gate import AT_LEAST, AT_MOST, Gate, compare
from .prediction import PROBABILITY, measure, predict

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

FEWEST = 30  # the fewest test rows that say something about a model, unless they are all of them
COMPARABLE = "comparable, or a person's `promote --force`"


@dataclass(frozen=True)
class Champion:
    """The champion that a model is compared with.

    Attributes:
        version: the version.
        load: loads it.
        learned: returns which rows the champion learned from, or raises UserError.
    """

    version: str
    load: "Callable[[], BaseEstimator]"
    learned: Callable[[], Learned]


def comparison(
    champion: Champion | None, params: Params, data: Dataset, chosen: "NDArray[np.bool_] | None" = None
) -> Callable[[Candidate], list[Gate]]:
    """Return a function that compares a candidate with the champion; it makes no gate if there is none.

    Args:
        champion: the version in production.
        params: the parameters with the primary metric.
        data: the data, with m test rows.
        chosen: the n of them that the candidate is measured on, as m booleans; None for all.
    """

    def compare_with_champion(candidate: Candidate) -> list[Gate]:
        if champion is None:
            return []
        rows = np.ones(len(data.test_rows), dtype=bool) if chosen is None else chosen
        try:
            return [_compared(candidate, champion, params, data, rows)]
        except Exception as error:  # whatever goes wrong with an old model must not decide about a new one
            why = first_line(error) if isinstance(error, UserError) else kind_and_line(error)
            reason = f"version {champion.version}, the champion: {masked(why)}"
            return [Gate(against(params.evaluate.primary_metric), COMPARABLE, reason, None)]

    return compare_with_champion


def enough_new_rows(new: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    """Return which rows are new to a model, if all are, or enough to measure it on.

    Raises:
        UserError: they are too few.
    """
    if (count := int(new.sum())) < min(len(new), FEWEST):
        reason = f"it learned from {len(new) - count} of the {len(new)} test rows"
        raise UserError(f"{reason}, from their groups or from what came later, by another split")
    return new


def against(metric: str) -> str:
    """Name the gate that compares with the champion."""
    return f"{metric} against the champion"


def improvement_gate(metric: str, ours: float | None, champions: float, least: float, on: str = "") -> Gate:
    """Compare the primary metric with the champion's on the same rows, in the metric's direction.

    Args:
        metric: its name.
        ours: the candidate's value; None if it could not be measured.
        champions: the champion's value.
        least: by how much the candidate must be better.
        on: which rows these are, if not all test rows, and which classes the champion does not know.
    """
    side = AT_LEAST if project.greater_is_better()[metric] else AT_MOST
    wanted = f" (the champion has {champions:.4g}{on})"
    return compare(against(metric), ours, side, champions + side * least, wanted)


def _compared(
    candidate: Candidate, champion: Champion, params: Params, data: Dataset, chosen: "NDArray[np.bool_]"
) -> Gate:
    """Compare with the champion; see `comparison`.

        The champion is wrong about a class that it does not know, as it would be in production.

    Raises:
        Exception: the comparison is not possible.
    """
    metric, least = params.evaluate.primary_metric, params.register_.min_improvement or 0.0
    new = enough_new_rows(data.new_to(champion.learned())[chosen])
    both = np.flatnonzero(chosen)[new]
    rows = data.test_rows if len(both) == len(chosen) else data.test_rows.iloc[both]
    target = params.data.target
    predicted = predict(champion.load(), rows.drop(columns=target), rows[target])
    theirs, unknown = measure(predicted), _unknown_classes(predicted)
    if metric not in theirs:
        raise UserError(f"it has no {metric} on these rows{unknown}")
    ours = candidate.metrics if new.all() else measure(candidate.predictions[new])
    on = "" if new.all() else f" on {len(rows)} of {len(new)} rows, new to both"
    return improvement_gate(metric, ours.get(metric), theirs[metric], least, on + unknown)


def _unknown_classes(predictions: "pd.DataFrame") -> str:
    """Name the actual classes for which a model has no probability; empty if it gives none, or has all."""
    columns = [str(name) for name in predictions.columns]
    known = {name.removeprefix(PROBABILITY) for name in columns if name.startswith(PROBABILITY)}
    unknown = sorted(set(predictions["actual"].unique()) - known) if known else []
    return f", and does not know the class {', '.join(unknown)}" if unknown else ""
