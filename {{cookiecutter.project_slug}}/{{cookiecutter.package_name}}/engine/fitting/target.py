"""Whether a target can be learned: what speaks against it is said before any fit, with names and counts."""

from typing import TYPE_CHECKING

from ..base.blocks import params_error
from ..base.errors import UserError
from ..params import Data
from ..split.dataset import Dataset

if TYPE_CHECKING:
    import pandas as pd

KEY = ("data", "target")
MANY = 20  # different numbers, of which each would be a class
EACH = 10  # rows of one, on average, of which hardly anything would be learned
SMALL = 10  # rows of a table that is too small to tell what its numbers are
OTHERS = "whose metrics.py, models.py and plots.py are made for that; or set data.task and write those"


def check_target(raw: "pd.DataFrame", table: "pd.DataFrame", data: Data) -> None:
    """Check that a target is one of the project's task, and not the same in all rows.

    Args:
        raw: n rows, as they were read.
        table: the same rows, typed.
        data: with the task.

    Raises:
        UserError: it is not; says what to do.
    """
    target = table[data.target].dropna()
    if data.task == "classification" and _is_amount(target, data):
        counted = f"{target.nunique()} different numbers in {len(target)} rows"
        raise _error(
            data, f"holds {counted}: this is regression; bake a project with task=regression, {OTHERS}"
        )
    cells = int(raw[data.target].notna().sum())
    if data.task == "regression" and len(target) < cells / 2:
        counted = f"{cells - len(target)} of {cells} cells hold no number"
        raise _error(
            data, f"{counted}: this is classification; bake a project with task=classification, {OTHERS}"
        )
    if target.nunique() == 1:
        raise _error(
            data, f"is {target.iloc[0]!r} in all {len(target)} rows: there is nothing to learn from it"
        )


def check_classes(data: Dataset) -> None:
    """Check that there is something to tell apart among the training rows, and that a threshold can do it.

    Raises:
        UserError: there is one class, or a threshold needs two.
    """
    if data.classes is None:
        return
    from .choosing import check_two_classes

    target, learned = data.params.data.target, data.classes[data.classes["train"] > 0]
    if len(learned) == 1:
        why = f"is {learned.index[0]!r} in all {learned['train'].sum()} training rows"
        raise _error(
            data.params.data, f"{why}: draw some of each class, split.stratify: {target}, or add rows"
        )
    check_two_classes(learned["train"], data.params)


def _is_amount(target: "pd.Series[str]", data: Data) -> bool:
    """Tell whether labels are amounts: numbers, and so many different ones that each has few rows."""
    import pandas as pd

    words = pd.Series(target.unique())
    if (
        words.empty
        or pd.to_numeric(words.str.replace(data.format.decimal, "."), errors="coerce").isna().any()
    ):
        return False
    each = len(target) / len(words)
    return (len(words) > MANY and each < EACH) or (len(target) >= SMALL and each < 2)


def _error(data: Data, message: str) -> UserError:
    return params_error(KEY, f"{data.target!r} {message}")
