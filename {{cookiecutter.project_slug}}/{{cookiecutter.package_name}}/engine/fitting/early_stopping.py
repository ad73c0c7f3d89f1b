"""Gradient boosting that stops early by held-out rows, whatever the sizes of the classes.

scikit-learn draws these rows stratified by class, and refuses to do so if a class has a single row, or if
there would be fewer held-out rows than classes. Here each class holds out its share of rows, rounded, which
is none for a rare class.

A saved model carries this module, so it imports nothing from the project.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import has_fit_parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

AUTO = 10_000  # rows; from so many on, scikit-learn's `early_stopping: auto` stops early


def stops_early(estimator: Any) -> bool:
    """Tell whether a classifier may stop early, and can be given the rows to stop by."""
    return bool(getattr(estimator, "early_stopping", False)) and has_fit_parameter(estimator, "X_val")


def fit_and_stop_early(
    estimator: Any, X: Any, y: Any, codes: "NDArray[np.intp]", sample_weight: Any = None
) -> None:
    """Fit a classifier, and give it the rows to stop by if it could not draw them itself.

    Args:
        estimator: the classifier, which is fitted in place. If too few rows can be held out, it does not stop
            early.
        X: n rows x m features.
        y: n labels.
        codes: the labels as numbers, 0 to k-1.
        sample_weight: n weights; None if all rows count the same.
    """
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    fraction = _fraction(estimator, len(codes))
    if fraction is None or _can_be_stratified(codes, fraction):
        estimator.fit(X, y, **weights)
        return
    held = hold_out(codes, fraction, estimator.random_state)
    if not held.any():
        estimator.set_params(early_stopping=False).fit(X, y, **weights)
        return
    if sample_weight is not None or estimator.class_weight is not None:
        counted = compute_sample_weight(estimator.class_weight, y)
        counted *= 1.0 if sample_weight is None else sample_weight
        weights = {name: w[~held] for name, w in weights.items()} | {"sample_weight_val": counted[held]}
    estimator.fit(X[~held], y[~held], X_val=X[held], y_val=y[held], **weights)


def hold_out(codes: "NDArray[np.intp]", fraction: float, seed: Any) -> "NDArray[np.bool_]":
    """Draw the rows to stop by: the share of each class, rounded, but never all of its rows.

    Args:
        codes: the class of each of n rows, 0 to k-1.
        fraction: the fraction of the rows.
        seed: the seed, as scikit-learn takes it.

    Returns:
        n booleans.
    """
    random, held = check_random_state(seed), np.zeros(len(codes), dtype=bool)
    for code, count in enumerate(np.bincount(codes)):
        share = min(math.floor(count * fraction + 0.5), count - 1)
        held[random.permutation(np.flatnonzero(codes == code))[:share]] = True
    return held


def _fraction(estimator: Any, rows: int) -> float | None:
    """Return the fraction of rows that a classifier would draw to stop by; None if it draws none."""
    if not stops_early(estimator) or (estimator.early_stopping == "auto" and rows <= AUTO):
        return None
    fraction = estimator.validation_fraction
    return fraction / rows if isinstance(fraction, int) else fraction


def _can_be_stratified(codes: "NDArray[np.intp]", fraction: float) -> bool:
    """Tell whether scikit-learn draws a fraction of rows, stratified."""
    counts, held = np.bincount(codes), math.ceil(fraction * len(codes))
    return bool(counts.min() > 1 and len(counts) <= min(held, len(codes) - held))
