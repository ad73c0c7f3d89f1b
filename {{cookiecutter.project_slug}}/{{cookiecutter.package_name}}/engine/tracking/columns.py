"""What a model knows about its columns, from the rows that it learned from.

It is logged with the model: as JSON in the metadata of its MLmodel under `columns` (as YAML, 2,000 columns
would take seven seconds each time that the model is loaded), in `extra_files/columns.json`, and in the
description of its version. Everything that checks rows before predicting reads it there. The signature cannot
say it, since MLflow refuses whole numbers or gaps in a column whose type is declared.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fitting.threshold import Threshold, threshold_of
from ..params import Columns, Data
from .column import Column, categories_of, dates_of, labels_of, numbers_of, texts_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

KEY, FILE = "columns", "columns.json"  # in the metadata, and beside it


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
    """What a model knows: how many rows it learned from, the columns that it takes, its target and threshold.

    Attributes:
        cells: how to read the cells of new rows.
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
            model: the model fitted to them; knows the labels, if it is a classifier.
            data: the block with the units.
            roles: the roles of the columns.
        """
        inputs = [
            *(numbers_of(name, "numeric", rows[name].to_numpy()) for name in roles.numeric),
            *(categories_of(name, rows[name]) for name in roles.categorical),
            *(dates_of(name, rows[name]) for name in roles.date),
            *(texts_of(name, rows[name]) for name in roles.text),
        ]
        if (labels := getattr(model, "classes_", None)) is None:
            predicted = numbers_of(data.target, "target", target)
        else:
            predicted = labels_of(data.target, target, [str(label) for label in labels.tolist()])
        units = data.units
        inputs = [replace(column, unit=units.get(column.name)) for column in inputs]
        predicted = replace(predicted, unit=units.get(data.target))
        return cls(len(rows), inputs, predicted, threshold_of(model), Cells.of(data))

    def to_dict(self) -> dict[str, Any]:
        """Return what the model knows as values for JSON."""
        inputs = [column.to_dict() for column in self.inputs]
        chosen = {} if self.threshold is None else {"threshold": asdict(self.threshold)}
        known = {"rows": self.rows, "inputs": inputs, "target": self.target.to_dict()}
        return {**known, "cells": asdict(self.cells), **chosen}

    def example(self) -> "pd.DataFrame":
        """Make a row from the examples, which is not a row of the data."""
        import pandas as pd

        cells = {c.name: "" if c.role == "text" else c.example for c in self.inputs}
        return pd.DataFrame({name: [np.nan if cell is None else cell] for name, cell in cells.items()})


def known_of(uri: str) -> dict[str, Any]:
    """Return what the model at a URI knows, as `Known.to_dict` has it; empty if it does not say."""
    import mlflow

    model = mlflow.models.Model.load(uri)  # `get_model_info` would ask the store, which an image lacks
    known: dict[str, Any] = json.loads((model.metadata or {}).get(KEY, "{}"))
    return known
