"""A model that predicts new rows: a version of the registered model, or what the last `train` made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..base.paths import MODEL
from ..judging.prediction import predict
from ..lineage.trained import Trained
from ..tracking import carried
from ..tracking.absence import is_absent
from ..tracking.columns import known_of
from ..tracking.models import is_stored
from ..tracking.predicted import predicted_by
from .loading import uri_of
from .registry import CHAMPION, Registry

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from sklearn.pipeline import Pipeline

RUN_ID = re.compile("[0-9a-f]{32}")
TRAINED = "trained"  # in place of a version: the model that the last `train` made
# what to do if a version was trained before this was recorded
TRAIN = "train a new one (`dvc repro --force train`, then `dvc repro`)"


@dataclass(frozen=True)
class Predictor:
    """A logged model.

    Attributes:
        uri: its URI in MLflow.
        named: its name in messages.
        identity: what is kept with its predictions: name, version, run and commit.
    """

    uri: str
    named: str
    identity: Mapping[str, str]

    @classmethod
    def find(cls, client: "MlflowClient", name: str, version: str) -> "Predictor":
        """Return a version of a registered model by its number or alias, or the model of a run.

        Args:
            client: the store's client.
            name: the registered model's name.
            version: `3`, `@champion`, `trained`, or a run's id, which stands for the version that was
                registered from it or, if there is none, for the model that it logged.

        Raises:
            UserError: there is no such model; lists those that exist.
        """
        if version == TRAINED:
            trained = _trained(client)
            return cls._of(client, f"models:/{trained.model_id}", "the trained model", trained.run_id, {})
        models = Registry(client, name)
        if RUN_ID.fullmatch(version):
            registered = models.of_run(version)
            if registered is None:
                uri = f"models:/{_logged_by(client, version)}"
                return cls._of(client, uri, f"the model of run {version}", version, {})
            version = str(registered.version)
        if version == f"@{CHAMPION}" and not models.find(version):
            listed = models.listed()  # raises nothing: there may be no model yet
            if listed != "none":
                raise UserError(
                    f"{name} has no @{CHAMPION} yet: `promote` makes one, or --model takes another version; "
                    f"there are: {listed}"
                )
        found = models.version(version)
        number = str(found.version)
        named = f"{name} version {number}"
        return cls._of(client, uri_of(found), named, found.run_id, {"model": name, "version": number})

    @classmethod
    def _of(
        cls, client: "MlflowClient", uri: str, named: str, run: str | None, identity: dict[str, str]
    ) -> "Predictor":
        tags = _tags(client, run) if run else {}
        commit = {"commit": tags["mlflow.source.git.commit"]} if "mlflow.source.git.commit" in tags else {}
        return cls(uri, named, {**identity, **({"run": run} if run else {}), **commit})

    @cached_property
    def known(self) -> dict[str, Any]:
        """What it knows about its columns, as `tracking.columns.Known.to_dict` returns it.

        Raises:
            UserError: it does not say, or its files are gone.
        """
        from mlflow.exceptions import MlflowException

        try:
            known = known_of(self.uri)
        except MlflowException as error:
            if not is_absent(error):
                raise
            raise UserError(f"{self.named}: its files are not in the store: {first_line(error)}") from None
        if known:
            return known
        raise UserError(f"{self.named} does not say which columns it takes: {TRAIN}")

    @cached_property
    def predicted(self) -> dict[str, Any]:
        """How its predictions for the test rows are distributed; empty if it does not say."""
        return predicted_by(self.uri)

    def predict(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Predict n rows, which have its columns, each with the type of its role.

        Returns:
            n rows: `predicted`, and a column `probability_CLASS` for each class, if it gives probabilities.
        """
        return predict(self.pipeline, rows, rows.index.to_series()).drop(columns="actual")

    @cached_property
    def pipeline(self) -> "Pipeline":
        """The model itself, loaded with its own code."""
        pipeline: Any = carried.load(self.uri)
        return pipeline


def _tags(client: "MlflowClient", run: str) -> dict[str, str]:
    """Return the tags of a run; none if it is deleted."""
    from mlflow.exceptions import MlflowException

    try:
        return dict(client.get_run(run).data.tags)
    except MlflowException as error:
        if not is_absent(error):
            raise
        return {}


def _trained(client: "MlflowClient") -> Trained:
    """Return what the last `train` made.

    Raises:
        UserError: the store does not have it.
    """
    trained = Trained.read()
    if not is_stored(client, trained.model_id):
        raise UserError(f"the tracking store lacks the model of {MODEL}; `dvc repro -f train` makes one")
    return trained


def _logged_by(client: "MlflowClient", run: str) -> str:
    """Return the id of the model that a run logged.

    Raises:
        UserError: there is no such run, or it logged no model.
    """
    from mlflow.exceptions import MlflowException

    try:
        outputs = client.get_run(run).outputs
    except MlflowException as error:
        if not is_absent(error):
            raise
        raise UserError(f"{run}: the tracking store has no such run") from None
    if outputs is None or not outputs.model_outputs:
        raise UserError(f"{run}: this run has logged no model")
    return str(outputs.model_outputs[-1].model_id)
