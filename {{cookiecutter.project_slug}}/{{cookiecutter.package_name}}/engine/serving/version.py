"""A version that answers: it is loaded, and tried with its own example."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..drift.column import Before
from ..params import Data
from ..registry.predictor import Predictor
from ..scoring.expected import Expected
from ..scoring.records import score
from .quick import Quick
from .settings import Settings
from .watched import columns

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Version:
    """A version that has predicted its own example.

    Attributes:
        number: in the registry.
        predictor: the model.
        expected: what rows have to be like.
        known: what it knows about its columns.
        example: a row, as a client would send it.
        about: what `/model` returns.
        quick: answers most requests; None if all are answered in the general way.
        watched: the columns whose rows are counted by bins.
    """

    number: str
    predictor: Predictor
    expected: Expected
    known: dict[str, Any]
    example: dict[str, Any]
    about: dict[str, Any]
    quick: Quick | None = None
    watched: tuple[Before, ...] = ()

    def predict(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Predict n rows; see `Predictor.predict`."""
        return self.predictor.predict(rows)


def load(client: "MlflowClient", settings: Settings, data: Data) -> Version:
    """Load a version, and let it predict its own example.

    Raises:
        UserError: there is no such version, or it fails.
    """
    predictor = Predictor.find(client, settings.name, settings.model)
    alias = settings.model if settings.model.startswith("@") else None
    return tried(predictor, recorded(client, predictor), data, alias, settings.private)


def recorded(client: "MlflowClient", predictor: Predictor) -> dict[str, Any]:
    """Return what the model's run recorded: the data's md5 and the metrics."""
    run = client.get_run(predictor.identity["run"]) if "run" in predictor.identity else None
    metrics = run.data.metrics if run else {}
    return {
        "data_md5": run.data.tags.get("data.md5") if run else None,
        "metrics": {name: value if isfinite(value) else None for name, value in metrics.items()},
    }


def tried(
    predictor: Predictor,
    record: Mapping[str, Any],
    data: Data,
    alias: str | None = None,
    private: Collection[str] = (),
) -> Version:
    """Load a version, and let it predict its own example.

    Args:
        predictor: the model.
        record: what `/model` returns besides what the model knows.
        data: how cells are written if the model does not say so.
        alias: the alias by which it was found.
        private: the columns whose rows are not counted by bins.

    Raises:
        UserError: it fails.
    """
    known = predictor.known
    expected = Expected.of(known, data)
    example = {column["name"]: column.get("example") for column in known["inputs"]}
    example |= {column["name"]: "" for column in known["inputs"] if column["role"] == "text"}
    scored = score([example], expected, predictor.predict, allow_missing=True)
    if len(scored.predictions) != 1:
        raise UserError(f"{predictor.named}: cannot predict its own example: {scored.rejected[0]}")
    identity = dict(predictor.identity)
    about = {
        **identity,
        "alias": alias,
        **record,
        "columns": known["inputs"],
        "target": known["target"],
        "threshold": known.get("threshold"),
        "example": example,
    }
    quick = Quick(predictor.pipeline, expected)
    watched = columns(known, predictor.predicted, private)
    return Version(identity["version"], predictor, expected, known, example, about, quick, watched)
