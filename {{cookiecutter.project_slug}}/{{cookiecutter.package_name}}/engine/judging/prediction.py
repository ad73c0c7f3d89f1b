"""What a model predicts, as a table, and what the project's metrics make of it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import project
from ..base import progress
from ..base.errors import UserError, in_a_line
from ..base.faults import asked
from ..base.paths import PACKAGE
from ..base.spreadsheet import read_back
from ..fitting.threshold import threshold_of
from ..table.cells import as_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

Score = Callable[["pd.DataFrame"], Mapping[str, float]]

NAME = re.compile(r"[\w .:/-]+")  # the names of metrics that MLflow accepts
PROBABILITY = "probability_"  # this and a class's name are the name of the column with its probability
ROWS = 2**18  # rows that are predicted at once: what a pipeline makes of them is several times their size
# scikit-learn's models that predict the likeliest class; others need not, for example with a threshold
LIKELIEST = ("HistGradientBoostingClassifier", "LogisticRegression", "RandomForestClassifier")


@dataclass(frozen=True)
class Labels:
    """The labels of n predictions as numbers: comparing hundreds of thousands of words takes seconds.

    Attributes:
        classes: the names of the k classes that have probabilities, in their order; empty if the model gives
            no probabilities.
        actual: n numbers; i stands for class i of `classes`, or for another label if it is k or more.
        predicted: n numbers with the same meaning.
        probability: n x k probabilities.
    """

    classes: list[str]
    actual: "NDArray[np.int64]"
    predicted: "NDArray[np.int64]"
    probability: "pd.DataFrame"

    @classmethod
    def of(cls, predictions: "pd.DataFrame") -> "Labels":
        """Read the table that `predict` returns for a classifier."""
        import pandas as pd

        probability = predictions.filter(regex=f"^{PROBABILITY}")
        classes = [str(name).removeprefix(PROBABILITY) for name in probability.columns]
        labels = {label for side in ("actual", "predicted") for label in predictions[side].unique()}
        known = [*classes, *sorted(labels - set(classes))]
        actual, predicted = (
            pd.Categorical(predictions[side], categories=known).codes.astype("int64")
            for side in ("actual", "predicted")
        )
        return cls(classes, actual, predicted, probability)

    @property
    def occurring(self) -> list[int]:
        """The numbers of the labels that occur, ascending."""
        return [int(code) for code in sorted(set(self.actual))]

    @property
    def known(self) -> list[int]:
        """The numbers of the classes that have probabilities: 0 to k-1."""
        return list(range(len(self.classes)))

    @property
    def positive(self) -> list[int]:
        """The classes whose precision is measured: of two, the rarer one in these rows; of more, all."""
        if len(self.classes) != 2:
            return self.known
        first, last = ((self.actual == code).sum() for code in self.known)
        return [1 if last <= first else 0]


def predict(model: "BaseEstimator", rows: "pd.DataFrame", actual: "pd.Series[Any]") -> "pd.DataFrame":
    """Predict n rows.

    Returns:
        n rows: the `actual` and the `predicted` value, in the target's unit. For a classifier, both are
        labels as text, and there is a column `probability_CLASS` for each class, if it gives probabilities.
    """
    import pandas as pd
    from sklearn.base import is_classifier

    if not is_classifier(model):
        return pd.DataFrame({"actual": actual.to_numpy(), "predicted": in_parts(model.predict, rows)})
    if not hasattr(model, "predict_proba"):
        labels = as_words(in_parts(model.predict, rows))
        return pd.DataFrame({"actual": actual.to_numpy(), "predicted": labels})
    probability, classes = in_parts(model.predict_proba, rows), as_words(model.classes_)
    if predicts_the_likeliest(model):
        predicted = classes.take(probability.argmax(axis=1))
    else:
        predicted = as_words(in_parts(model.predict, rows))
    table = pd.DataFrame({"actual": actual.to_numpy(), "predicted": predicted.to_numpy()})
    return table.join(pd.DataFrame(probability, columns=[f"{PROBABILITY}{name}" for name in classes]))


def in_parts(method: Callable[[Any], Any], rows: "pd.DataFrame") -> Any:
    """Call a model's method with n rows; if they are many, in several calls."""
    import numpy as np

    if len(rows) <= ROWS:
        return method(rows)
    parts: list[Any] = []
    progress.tell(lambda: f"{ROWS * len(parts):,} rows done")
    for start in range(0, len(rows), ROWS):
        parts.append(np.asarray(method(rows.iloc[start : start + ROWS])))
    return np.concatenate(parts)


def predicts_the_likeliest(model: "BaseEstimator") -> bool:
    """Tell whether a model's labels are known to follow from its probabilities, so that one pass will do."""
    from ..fitting.adapter import inner

    kind = type(inner(model))
    return (
        threshold_of(model) is None and kind.__module__.startswith("sklearn.") and kind.__name__ in LIKELIEST
    )


def read_predictions(path: Path, task: str) -> "pd.DataFrame":
    """Read the table that `predict` returns from CSV.

    Args:
        path: the file's path.
        task: `classification`, whose labels are text, or `regression`.
    """
    import pandas as pd

    if task == "regression":
        return pd.read_csv(path)
    labels = dict.fromkeys(("actual", "predicted"), "str")
    table = pd.read_csv(path, dtype=labels, keep_default_na=False)
    return table.assign(**{side: read_back(table[side]) for side in labels})


def measure(predictions: "pd.DataFrame", score: Score | None = None) -> dict[str, float]:
    """Compute the metrics of the table that `predict` returns; values that are not finite are left out.

    Args:
        predictions: n rows.
        score: computes the metrics; None for `score` of the project's `metrics`.

    Raises:
        UserError: `score` fails, or returns something other than numbers by names that MLflow accepts.
    """
    where, measured = f"{PACKAGE}/metrics.py: score", {}
    with asked(where):
        values = (score or project.metrics().score)(predictions)
    if not isinstance(values, Mapping):
        raise UserError(f"{where}: needs to return numbers by name; got {in_a_line(values)}")
    for name, value in values.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UserError(
                f"{where}: {name!r} is not a valid name of a metric, which has letters, digits and _-./: only"
            )
        try:
            measured[name] = float(value)
        except (TypeError, ValueError):
            raise UserError(f"{where}: {name} is not a number, but {in_a_line(value)}") from None
    return {name: value for name, value in measured.items() if math.isfinite(value)}


def quality(model: "BaseEstimator", predicted: "NDArray[Any]", actual: "pd.Series[Any]") -> float:
    """Measure predictions by one number that needs no probabilities and has no unit: the accuracy, or R2."""
    from sklearn.base import is_classifier
    from sklearn.metrics import r2_score

    if is_classifier(model):
        return float((as_words(predicted).to_numpy() == actual.to_numpy()).mean())
    return float(r2_score(actual, predicted))
