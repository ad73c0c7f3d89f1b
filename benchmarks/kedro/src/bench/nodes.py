"""The nodes: P1's lines, as functions."""

from typing import Any

import great_expectations as gx
import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    RocCurveDisplay,
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    roc_auc_score,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

matplotlib.use("agg")


def validate(df: pd.DataFrame) -> pd.DataFrame:
    context = gx.get_context()
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": df})
    )
    suite = gx.ExpectationSuite(name="suite")
    suite.add_expectation(gx.expectations.ExpectTableRowCountToBeBetween(min_value=100))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column="target"))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToBeInSet(column="target", value_set=[0, 1]))
    for column in df.columns[:8]:
        suite.add_expectation(
            gx.expectations.ExpectColumnValuesToBeBetween(column=column, min_value=-1e6, max_value=1e6)
        )
    if not batch.validate(suite).success:
        raise ValueError("the table does not meet the expectations")
    return df


def split(df: pd.DataFrame) -> list[Any]:
    X, y = df.drop(columns="target"), df["target"]
    rows: list[Any] = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)
    return rows


def train(X: pd.DataFrame, y: pd.Series, parameters: dict[str, Any]) -> Any:
    texts = list(X.columns[X.dtypes == "str"])
    model = HistGradientBoostingClassifier(**parameters, categorical_features=list(range(len(texts))) or None)
    if texts:
        encode = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=float("nan"), max_categories=255
        )
        model = make_pipeline(make_column_transformer((encode, texts), remainder="passthrough"), model)
    return model.fit(X, y)


def evaluate(
    model: Any, X_train: pd.DataFrame, X_test: pd.DataFrame, y_train: pd.Series, y_test: pd.Series
) -> tuple[Any, ...]:
    def scores(predicted: Any, probability: Any) -> dict[str, float]:
        return {
            "accuracy": accuracy_score(y_test, predicted),
            "balanced_accuracy": balanced_accuracy_score(y_test, predicted),
            "f1_macro": f1_score(y_test, predicted, average="macro"),
            "log_loss": log_loss(y_test, probability),
            "roc_auc": roc_auc_score(y_test, probability[:, 1]),
        }

    predicted = model.predict(X_test)
    dummy = DummyClassifier(strategy="prior").fit(X_train, y_train)
    baseline = scores(dummy.predict(X_test), dummy.predict_proba(X_test))
    metrics = {
        **scores(predicted, model.predict_proba(X_test)),
        **{f"baseline_{name}": value for name, value in baseline.items()},
    }
    sample = X_test.sample(min(len(X_test), 2000), random_state=42)
    importances = permutation_importance(
        model, sample, y_test.loc[sample.index], n_repeats=5, random_state=42
    )
    confusion = ConfusionMatrixDisplay.from_predictions(y_test, predicted).figure_
    roc = RocCurveDisplay.from_estimator(model, X_test, y_test).figure_
    bars, axes = plt.subplots()
    axes.barh(X_test.columns, importances.importances_mean, xerr=importances.importances_std)
    return {name: {"value": value, "step": 0} for name, value in metrics.items()}, confusion, roc, bars
