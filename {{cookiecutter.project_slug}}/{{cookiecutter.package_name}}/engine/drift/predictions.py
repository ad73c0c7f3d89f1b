"""The predictions of a model as columns that can be compared: the value or label, and the probabilities."""

from typing import TYPE_CHECKING, Any

from ..scoring.logged import PREDICTED as PREDICTED
from ..scoring.logged import PROBABILITY as PROBABILITY
from .column import PREDICTION, Before
from .reference import Reference, of_categories, of_labels, of_numbers, of_probabilities

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 10  # the most classes whose probabilities are compared


def columns_of(predictions: "pd.DataFrame") -> "dict[str, pd.Series[Any]]":
    """Return the columns of n predictions to compare; with two classes, the probability of one is enough."""
    probabilities = [str(name) for name in predictions.columns if str(name).startswith(PROBABILITY)]
    shown = probabilities[1:] if len(probabilities) == 2 else probabilities[:MOST_CLASSES]
    return {name: predictions[name] for name in (PREDICTED, *shown)}


def describe(predictions: "pd.DataFrame") -> dict[str, Any]:
    """Describe the distribution of n predictions, as JSON has it."""
    names = [str(name) for name in predictions.columns]
    classes = [name.removeprefix(PROBABILITY) for name in names if name.startswith(PROBABILITY)]
    references = {name: _reference(name, values, classes) for name, values in columns_of(predictions).items()}
    return {
        "rows": len(predictions),
        "columns": {name: reference.to_dict() for name, reference in references.items() if reference},
    }


def before(described: dict[str, Any]) -> list[Before]:
    """Return what `describe` returned as columns to compare with."""
    return [
        Before(name, PREDICTION, PREDICTION, described["rows"], 0, Reference(**reference))
        for name, reference in described.get("columns", {}).items()
    ]


def _reference(name: str, values: "pd.Series[Any]", classes: list[str]) -> Reference | None:
    from pandas.api import types

    if name != PREDICTED:
        return of_probabilities(values.to_numpy("float64"))
    if types.is_numeric_dtype(values):
        return of_numbers(values.to_numpy("float64"))
    return of_labels(values, classes) if classes else of_categories(values.value_counts())
