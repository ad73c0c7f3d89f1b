"""A version with what it knows of the rows that it was trained on and tested by."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..judging.prediction import predict
from ..tracking.columns import known_of
from ..tracking.predicted import predicted_by
from .loading import load, uri_of

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities.model_registry import ModelVersion
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Described:
    """A version of the registered model."""

    version: "ModelVersion"

    @cached_property
    def known(self) -> dict[str, Any]:
        """Its columns, as `tracking.columns.Known.to_dict` has them.

        Raises:
            UserError: it does not say how they are distributed.
        """
        known = known_of(uri_of(self.version))
        if not any("reference" in column for column in [*known.get("inputs", []), known.get("target", {})]):
            raise UserError(
                f"version {self.version.version} of {self.version.name!r} was trained before models kept how "
                "their columns are distributed: train anew (`dvc repro --force train`, then `dvc repro`), or "
                "compare with a file, by --reference"
            )
        return known

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
        features = table[list(self.roles)]
        return predict(self._pipeline, features, features.index.to_series())

    @cached_property
    def _pipeline(self) -> "Pipeline":
        return load(self.version)

    def __str__(self) -> str:
        """Name it."""
        return f"{self.version.name} version {self.version.version}"
