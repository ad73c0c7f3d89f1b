"""How much better a metric is than that of a prediction without skill, and what such a prediction is."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import project
from ..base.faults import asked
from ..base.paths import PACKAGE
from .prediction import Score, measure, predict

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

PAIRS = 10_000  # pairs of a prediction and the actual value of another row
PERFECT = {True: 1.0, False: 0.0}  # a metric of which more is better, and an error


def skill_score(value: float, baseline: float, greater_is_better: bool) -> float | None:
    """Compute how far a metric has come on the way from the baseline's value to a perfect one.

    (value - baseline) / (perfect - baseline), the skill score of weather forecasts: 0 is the baseline, 1 is
    perfect, less than 0 is worse than the baseline (A. H. Murphy, Monthly Weather Review 116, 1988;
    D. S. Wilks, Statistical Methods in the Atmospheric Sciences, 4th ed., ch. 9). Perfect is 1 if greater is
    better, as with an accuracy or R2, and 0 for errors.

    Returns:
        The score; None if the baseline's value is perfect or beyond, as it may be on another scale.
    """
    perfect = PERFECT[greater_is_better]
    room = perfect - baseline if greater_is_better else baseline - perfect
    return (value - baseline) / (perfect - baseline) if room > 0 else None


def relative_gain(value: float, reference: float, greater_is_better: bool) -> float:
    """Compute how much better a metric is than a reference, as a share of it; less than 0 if it is worse."""
    better = value - reference if greater_is_better else reference - value
    if reference == 0 and better != 0:
        return better * math.inf  # NaN stays NaN
    if reference == 0:
        return 0.0
    return better / abs(reference)


def measure_baseline(
    predictions: "pd.DataFrame",
    rows: "pd.DataFrame",
    learned: "NDArray[Any]",
    seed: int,
    dummy: "BaseEstimator | None" = None,
    score: Score | None = None,
) -> dict[str, float]:
    """Measure each metric of a prediction without skill, on the rows that a model has predicted.

    This is the dummy's metric or, if it is better, the model's own without what it knows about each row: its
    predictions paired with the actual values of other rows (the no-information rate of B. Efron and
    R. Tibshirani, JASA 92, 1997). A dummy may be worse than guessing: with two equal classes its F1 macro is
    1/3, and that of guesses 1/2; and the mean has a greater absolute error than the median, which takes no
    skill either.

    Args:
        predictions: n rows, from `prediction.predict`.
        rows: the same n rows, as the model got them.
        learned: the target of other rows, to which the dummy is fitted.
        seed: the seed for drawing the pairs.
        dummy: an estimator, not fitted, that looks at no feature; None for the project's.
        score: computes the metrics; None for `score` of the project's `metrics`.
    """
    with asked(f"{PACKAGE}/metrics.py: baseline"):
        dummy = project.metrics().baseline() if dummy is None else dummy
        naive = dummy.fit(learned, learned)  # it does not look at features
    measured = measure(predict(naive, rows, predictions["actual"]), score)
    directions = project.greater_is_better()
    for name, value in _measure_chance(predictions, seed, score).items():
        if name in measured and name in directions:
            better = max if directions[name] else min
            measured[name] = better(measured[name], value)
    return measured


def _measure_chance(predictions: "pd.DataFrame", seed: int, score: Score | None) -> dict[str, float]:
    """Measure predictions paired with the actual values of other rows; empty if there is a single row."""
    n = len(predictions)
    if n < 2:
        return {}
    random = np.random.default_rng(seed)
    row = random.integers(n, size=PAIRS)
    other = (row + random.integers(1, n, size=PAIRS)) % n
    paired = predictions.iloc[row].reset_index(drop=True)
    return measure(paired.assign(actual=predictions["actual"].to_numpy()[other]), score)
