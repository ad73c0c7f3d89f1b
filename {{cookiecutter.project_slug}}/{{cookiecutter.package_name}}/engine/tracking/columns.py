"""What a model knows of its columns, by the rows that it learned from.

Logged with the model: as JSON in the metadata of its MLmodel under `columns` (as YAML, 2,000 columns take
seven seconds each time that the model is loaded), in `extra_files/columns.json`, and in the description of
its version. Whatever checks rows before predicting reads it there: the signature cannot say it, since
MLflow refuses whole numbers or gaps in a column whose type is declared.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drift.reference import (
    Reference,
    of_categories,
    of_dates,
    of_labels,
    of_numbers,
    of_texts,
    sampled,
)
from ..fitting.threshold import Threshold, threshold_of
from ..params import Columns, Data

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

KEY, FILE = "columns", "columns.json"  # in the metadata, and beside it
CATEGORIES, LONGEST = 50, 200  # the most frequent ones are listed, of so many characters at most
SAMPLE = 10_000  # rows that suffice for an example


@dataclass(frozen=True)
class Column:
    """A column of the training rows.

    Attributes:
        role: numeric, categorical, date, text; or target.
        type: in a person's words: number, whole number, category, true or false, date, date and time, text.
        missing: how many training rows lacked it.
        unit: as params.yaml has it.
        range: the least and the greatest number, or date (as ISO 8601 has it).
        categories: the most frequent ones first; of the target, every label.
        more_categories: how many there were besides.
        example: a number or date from the middle, or the most frequent category; none of text, which may tell
            anything of anybody.
        reference: how its values are distributed, by which `drift` compares new ones.
    """

    name: str
    role: str
    type: str
    missing: int = 0
    unit: str | None = None
    range: tuple[float, float] | tuple[str, str] | None = None
    categories: list[str] | None = None
    more_categories: int | None = None
    example: float | str | None = None
    reference: Reference | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, without what does not apply."""
        content = {name: value for name, value in asdict(self).items() if value is not None}
        content |= {"reference": self.reference.to_dict()} if self.reference else {}
        return content | ({"range": list(self.range)} if self.range else {})


@dataclass(frozen=True)
class Cells:
    """How cells of the training rows were written: the keys of the block `data` in params.yaml."""

    missing: list[str] = field(default_factory=list)
    missing_in: dict[str, list[str]] = field(default_factory=dict)
    date_formats: dict[str, str] = field(default_factory=dict)
    decimal: str = "."
    thousands: str | None = None

    @classmethod
    def of(cls, data: Data) -> "Cells":
        """Read the block."""
        form = data.format
        return cls(data.missing, data.missing_in, data.date_formats, form.decimal, form.thousands)


@dataclass(frozen=True)
class Known:
    """What a model knows: how many rows it learned from, the columns that it takes, target and threshold.

    Attributes:
        cells: how new rows are to be read.
    """

    rows: int
    inputs: list[Column]
    target: Column
    threshold: Threshold | None = None
    cells: Cells = Cells()

    @classmethod
    def of(
        cls, rows: "pd.DataFrame", target: "NDArray[Any]", model: "Pipeline", data: Data, roles: Columns
    ) -> "Known":
        """Describe n training rows.

        Args:
            rows: at least the features.
            target: n numbers or labels.
            model: fitted to them; knows the labels, if it is a classifier.
            data: with the units.
            roles: of the columns.
        """
        inputs = [
            *(_numbers(name, "numeric", rows[name].to_numpy()) for name in roles.numeric),
            *(_categories(name, rows[name]) for name in roles.categorical),
            *(_dates(name, rows[name]) for name in roles.date),
            *(_texts(name, rows[name]) for name in roles.text),
        ]
        if (labels := getattr(model, "classes_", None)) is None:
            predicted = _numbers(data.target, "target", target)
        else:
            from ..table.cells import as_words

            named = [str(label) for label in labels.tolist()]
            reference = of_labels(as_words(sampled(target)), named)
            predicted = Column(data.target, "target", "category", categories=named, reference=reference)
        units = data.units
        inputs = [replace(column, unit=units.get(column.name)) for column in inputs]
        predicted = replace(predicted, unit=units.get(data.target))
        return cls(len(rows), inputs, predicted, threshold_of(model), Cells.of(data))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        inputs = [column.to_dict() for column in self.inputs]
        chosen = {} if self.threshold is None else {"threshold": asdict(self.threshold)}
        known = {"rows": self.rows, "inputs": inputs, "target": self.target.to_dict()}
        return {**known, "cells": asdict(self.cells), **chosen}

    def example(self) -> "pd.DataFrame":
        """Make a row of the examples: none of the data's own."""
        import pandas as pd

        cells = {c.name: "" if c.role == "text" else c.example for c in self.inputs}
        return pd.DataFrame({name: [np.nan if cell is None else cell] for name, cell in cells.items()})


def known_of(uri: str) -> dict[str, Any]:
    """Return what the model at a URI knows, as `Known.to_dict` has it; empty if it does not say."""
    import mlflow

    known: dict[str, Any] = json.loads((mlflow.models.get_model_info(uri).metadata or {}).get(KEY, "{}"))
    return known


def _numbers(name: str, role: str, values: "NDArray[np.float64]") -> Column:
    gaps = np.isnan(values)
    seen = values[~gaps] if gaps.any() else values
    if not len(seen):
        return Column(name, role, "number", len(values))
    sample = seen[:: max(1, len(seen) // SAMPLE)]
    whole = all(bool(((part % 1 == 0) & (abs(part) < 2**63)).all()) for part in (sample, seen))
    middle = np.quantile(sample, 0.5, method="lower")
    least, greatest, example = (int(n) if whole else float(n) for n in (seen.min(), seen.max(), middle))
    kind = "whole number" if whole else "number"
    missing, reference = int(gaps.sum()), of_numbers(seen)
    return Column(name, role, kind, missing, range=(least, greatest), example=example, reference=reference)


def _categories(name: str, values: "pd.Series[Any]") -> Column:
    counts = values.value_counts()
    most = counts.nlargest(CATEGORIES, keep="all").items()
    frequent = [str(value) for value, _ in sorted(most, key=lambda item: (-item[1], str(item[0])))]
    listed = [value for value in frequent[:CATEGORIES] if len(value) <= LONGEST]
    return Column(
        name,
        "categorical",
        "true or false" if 0 < len(counts) <= 2 and set(listed) <= {"True", "False"} else "category",
        len(values) - int(counts.sum()),
        categories=listed,
        more_categories=len(counts) - len(listed),
        example=listed[0] if listed else None,
        reference=of_categories(counts),
    )


def _dates(name: str, values: "pd.Series[Any]") -> Column:
    seen = values.dropna()
    timed = bool((seen != seen.dt.normalize()).any())
    kind = "date and time" if timed else "date"
    if seen.empty:
        return Column(name, "date", kind, len(values))
    ordered = seen.sort_values()
    times = (ordered.iloc[place] for place in (0, -1, (len(ordered) - 1) // 2))
    least, greatest, example = (time.isoformat() if timed else time.date().isoformat() for time in times)
    missing, reference = len(values) - len(seen), of_dates(seen)
    return Column(name, "date", kind, missing, range=(least, greatest), example=example, reference=reference)


def _texts(name: str, values: "pd.Series[Any]") -> Column:
    return Column(name, "text", "text", int(values.isna().sum()), reference=of_texts(values))
