"""The service of BentoML, as its documentation serves a model of MLflow; model.txt names its folder."""

from pathlib import Path

import bentoml
import mlflow
import pandas as pd


@bentoml.service(workers=1)
class Rows:
    """Predicts rows."""

    def __init__(self) -> None:
        """Load the model."""
        self.model = mlflow.pyfunc.load_model(Path(__file__).with_name("model.txt").read_text())

    @bentoml.api
    def predict(self, rows: pd.DataFrame) -> list:
        """Predict n rows."""
        return self.model.predict(rows).tolist()
