"""The verdict on a model: every gate of the project's gates.py, on the current test rows."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import project
from ..base.errors import UserError
from ..base.faults import asked
from ..base.files import damaged, needed
from ..base.hashing import file_md5
from ..base.paths import METRICS, MODEL, PACKAGE, PREDICTIONS
from ..lineage.evaluated import MODEL_MD5, read_evaluation
from ..params import Params
from ..split.dataset import Dataset
from ..table.validated import check_validation
from .candidate import Candidate
from .champion import Champion, comparison
from .gate import Gate
from .prediction import read_predictions

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def gates_of_evaluation(
    params: Params, data: Dataset, champion: Champion | None
) -> tuple[dict[str, Any], list[Gate]]:
    """Put the model through the gates, as the evaluate stage has measured it.

    Returns:
        As `read_evaluation` does, and the gates.

    Raises:
        UserError: there is no evaluation, or it is one of other rows or another model; or the data were not
            validated by the current expectations; or as `gates_of`.
    """
    evaluation = read_evaluation()
    if (md5 := file_md5(MODEL)) and evaluation.get(MODEL_MD5, md5) != md5:
        raise UserError(f"{METRICS}: belongs to another model than {MODEL}; run `dvc repro evaluate` first")
    check_validation()
    path = needed(PREDICTIONS, "evaluate")
    candidate = Candidate(
        metrics=evaluation,
        primary_metric=params.evaluate.primary_metric,
        rules=params.register_,
        read_predictions=lambda: _read_predictions(path, params, data),
        read_groups=lambda: read_groups(params, data),
        measure_baseline=lambda: evaluation.get("baseline", {}),
        compare=comparison(champion, params, data),
    )
    return evaluation, gates_of(candidate)


def gates_of(candidate: Candidate) -> list[Gate]:
    """Put a candidate through every gate of the project's gates.py.

    Raises:
        UserError: what is needed cannot be read; a gate fails in another way than by returning so.
    """
    functions = project.gates().GATES
    if not isinstance(functions, list | tuple):
        raise UserError(f"{PACKAGE}/gates.py: GATES: needs to be a list of functions; got {functions!r}")
    return [gate for function in functions for gate in _made_by(function, candidate)]


def read_groups(params: Params, data: Dataset, chosen: "NDArray[np.bool_] | None" = None) -> "pd.DataFrame":
    """Return the groups that test rows are in; if there are none, without reading the rows.

    Args:
        params: the parameters with the columns.
        data: the data, with m test rows.
        chosen: which of them, m booleans; None for all.
    """
    import pandas as pd

    if not (names := params.evaluate.groups):
        return pd.DataFrame()
    groups = data.test_rows[names]
    return groups if chosen is None else groups[chosen]


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


def _made_by(function: Callable[[Candidate], Iterable[Gate]], candidate: Candidate) -> list[Gate]:
    """Return the gates of one function of the list, which may be one of the user's own.

    Raises:
        UserError: it raises, or returns something else.
    """
    where = f"{PACKAGE}/gates.py: {getattr(function, '__name__', function)}"
    with asked(where):
        made = function(candidate)
        gates = list(made) if isinstance(made, Iterable) else [made]
    if wrong := [gate for gate in gates if not isinstance(gate, Gate)]:
        raise UserError(f"{where}: needs to return a list of gates; got {wrong[0]!r}")
    return gates
