"""How much each column contributes to the model's predictions."""

from itertools import product
from typing import TYPE_CHECKING, Any

from ..table.cells import as_numbers, as_text
from .prediction import quality

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

SAMPLE = 2_000  # rows that are enough to rank features
AT_ONCE = 20_000  # rows that are predicted together


def importances(model: "Pipeline", rows: "pd.DataFrame", actual: "pd.Series", seed: int) -> "pd.DataFrame":
    """Measure how much `prediction.quality` falls when a column is shuffled.

    This is permutation importance (L. Breiman, Machine Learning 45, 2001): the mean of five shuffles, or
    fewer if a table has more than 100 columns, on at most `SAMPLE` rows.

    Returns:
        A row per column, the most important first: `feature`, `importance`, `std`.
    """
    import pandas as pd

    sample = rows.sample(min(len(rows), SAMPLE), random_state=seed)
    scored, inputs = model, sample
    if _is_one_to_one(model[:-1], list(rows.columns)):
        # each column is shuffled after preparing it, which gives the same, and takes one preparation only
        scored, inputs = model[-1], model[:-1].transform(sample)
    repeats = min(5, max(1, 500 // rows.shape[1]))
    falls = _falls(scored, inputs, actual.loc[sample.index], repeats, seed)
    table = pd.DataFrame(
        {"feature": rows.columns, "importance": falls.mean(axis=1), "std": falls.std(axis=1)}
    )
    return table.sort_values("importance", ascending=False, kind="stable").reset_index(drop=True)


def _falls(model: Any, rows: Any, actual: "pd.Series", repeats: int, seed: int) -> "NDArray[np.float64]":
    """Measure how much the quality falls with each shuffle of each column.

    The shuffles are those of scikit-learn's `permutation_importance`, which predicts for one at a time. For a
    hundred rows, that takes as long as for some thousands; here several shuffles are predicted together.

    Args:
        model: the fitted model.
        rows: n rows, as a table or an array.
        actual: their n actual values.
        repeats: the number of shuffles.
        seed: the seed of the shuffles.

    Returns:
        A row per column, with a value for each shuffle.
    """
    import numpy as np

    length, width = rows.shape
    random = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    order, orders = np.arange(length), [np.arange(length)]
    for _ in range(repeats):
        random.shuffle(order)
        orders.append(orders[-1][order])  # each one shuffles the one before
    shuffles = list(product(range(width), orders[1:]))
    step = max(1, AT_ONCE // length)
    qualities = [
        value
        for first in range(0, len(shuffles), step)
        for value in _qualities(model, rows, actual, shuffles[first : first + step])
    ]
    whole = quality(model, model.predict(rows), actual)
    return whole - np.reshape(qualities, (width, repeats))


def _qualities(
    model: Any, rows: Any, actual: "pd.Series", shuffles: list[tuple[int, "NDArray[np.int64]"]]
) -> list[float]:
    """Measure the quality with each of some shuffles: a column's number, and the order of its values."""
    import numpy as np

    length, width = rows.shape
    places = np.tile(np.arange(length)[:, None], (len(shuffles), width))  # from which row each cell is taken
    for number, (column, order) in enumerate(shuffles):
        places[number * length : (number + 1) * length, column] = order
    predicted = np.split(np.asarray(model.predict(_taken(rows, places))), len(shuffles))
    return [quality(model, part, actual) for part in predicted]


def _taken(rows: Any, places: "NDArray[np.int64]") -> Any:
    """Take each cell of a table or an array from another row of its column."""
    import numpy as np
    import pandas as pd

    if not isinstance(rows, pd.DataFrame):
        return np.take_along_axis(rows, places, axis=0)
    return pd.DataFrame(
        {name: rows[name].array.take(places[:, number]) for number, name in enumerate(rows.columns)}
    )


def _is_one_to_one(prepare: "Pipeline", columns: list[str]) -> bool:
    """Tell whether each prepared column is known to be made only from the raw column in its place."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        OrdinalEncoder,
        StandardScaler,
    )

    from ..table.spelling import Spelling

    first = prepare[0] if len(prepare) == 1 else None
    if not isinstance(first, ColumnTransformer):
        return False
    taken: list[str] = []
    for name, transformer, listed in first.transformers_:
        if not listed:
            continue
        steps = (
            [step for _, step in transformer.steps] if isinstance(transformer, Pipeline) else [transformer]
        )
        for step in steps:
            if isinstance(step, FunctionTransformer):
                if step.func not in (as_numbers, as_text):
                    return False
            elif type(step) not in (OrdinalEncoder, SimpleImputer, Spelling, StandardScaler):
                return False
        width = first.output_indices_[name]
        if width.stop - width.start != len(listed):
            return False
        taken += listed
    return taken == columns
