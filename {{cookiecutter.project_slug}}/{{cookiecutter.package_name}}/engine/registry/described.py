"""A version with what it knows about the rows that it was trained and tested on."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..drift.before import of_known
from ..drift.column import Before
from ..tracking.predicted import predicted_by
from .loading import uri_of
from .predictor import TRAIN, Predictor

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True)
class Described:
    """A version of the registered model."""

    version: "ModelVersion"

    @cached_property
    def _predictor(self) -> Predictor:
        return Predictor(uri_of(self.version), str(self), {})

    @property
    def known(self) -> dict[str, Any]:
        """What it knows about its columns, as `tracking.columns.Known.to_dict` returns it.

        Raises:
            UserError: it does not say.
        """
        return self._predictor.known

    def columns(self, time: str | None) -> list[Before]:
        """Return the columns that it takes, and its target, as they were distributed.

        Args:
            time: the column that the rows are ordered by, if there is one.

        Raises:
            UserError: it does not say how they were distributed.
        """
        columns = of_known(self.known, time)
        if any(column.reference for column in columns):
            return columns
        raise UserError(
            f"{self} does not say how its columns are distributed: {TRAIN}, "
            "or compare with a file (--reference)"
        )

    @property
    def model_id(self) -> str:
        """The id of its logged model."""
        return str(self.version.source).removeprefix("models:/")

    @cached_property
    def roles(self) -> dict[str, str]:
        """The role of each column that it takes."""
        return {column["name"]: column["role"] for column in self.known["inputs"]}

    @cached_property
    def predicted(self) -> dict[str, Any]:
        """How its predictions on the test rows are distributed; empty if it does not say."""
        return predicted_by(uri_of(self.version))

    def predict(self, table: "pd.DataFrame") -> "pd.DataFrame":
        """Predict n rows, which have its columns."""
        return self._predictor.predict(table[list(self.roles)])

    def __str__(self) -> str:
        """Name the version."""
        return f"{self.version.name} version {self.version.version}"
