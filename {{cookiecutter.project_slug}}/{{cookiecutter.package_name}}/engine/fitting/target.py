"""Whether the training rows have the classes that a model shall tell apart."""

from typing import TYPE_CHECKING

from ..blocks.checking import params_error
from ..params import Params
from ..split.dataset import Dataset
from .threshold import KEY

if TYPE_CHECKING:
    import pandas as pd

NAMED = 10  # classes that a message lists


def check_classes(data: Dataset) -> None:
    """Check that the training rows have several classes, and exactly two if there is a threshold.

    Raises:
        UserError: there is only one class, or the threshold needs two.
    """
    if data.classes is None:
        return
    target, learned = data.params.data.target, data.classes[data.classes["train"] > 0]
    if len(learned) == 1:
        every = f"{target!r} is {learned.index[0]!r} in all {learned['train'].sum()} training rows"
        remedy = f"draw some of each class, split.stratify: {target}, or add rows"
        raise params_error(("data", "target"), f"{every}: {remedy}")
    _check_two_classes(learned["train"], data.params)


def _check_two_classes(counts: "pd.Series[int]", params: Params) -> None:
    """Check that a target has the classes that the threshold of params.yaml needs.

    Args:
        counts: how many training rows each class has.
        params: the parameters with the threshold, if there is one.

    Raises:
        UserError: there are not two classes, or the threshold would be chosen by the single row of one of
            them.
    """
    threshold = params.model.threshold
    if threshold is None:
        return
    names = [repr(name) for name in counts.index]
    if len(names) != 2:
        listed = ", ".join([*names[:NAMED], *(["…"] if len(names) > NAMED else [])])
        reason = f"{params.data.target} has {len(names)}: {listed}"
        raise params_error(KEY, f"is for two classes, and {reason}; delete it")
    if isinstance(threshold, str) and counts.min() < 2:
        lone = repr(counts.idxmin())
        raise params_error(KEY, f"cannot be chosen by the single training row of {lone}; give a number")
