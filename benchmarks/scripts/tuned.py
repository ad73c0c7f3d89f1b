"""P1's work by somebody who knows where a script's time goes, and has spent a day on it.

`python tuned.py TABLE LEARNING_RATE,… MAX_LEAF_NODES,…`, as P1. What differs: Great Expectations keeps
nothing and shows no progress, pictures are drawn without pyplot, the requirements of the model are given, so
that MLflow does not look for them, and the store is there before (`store.py`).
"""

import sys
from importlib.metadata import version
from itertools import product
from typing import Any

import great_expectations as gx
import mlflow
import mlflow.sklearn
import pandas as pd
from matplotlib.figure import Figure
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

REQUIREMENTS = [f"{name}=={version(name)}" for name in ("mlflow", "pandas", "scikit-learn", "skops")]
TRUSTED = [
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "functools.partial",
    "sklearn.utils.validation.check_array",
]


def validate(df: pd.DataFrame) -> None:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": df})
    )
    rules = gx.expectations
    suite = gx.ExpectationSuite(
        name="suite",
        expectations=[
            rules.ExpectTableRowCountToBeBetween(min_value=100),
            rules.ExpectColumnValuesToNotBeNull(column="target"),
            rules.ExpectColumnValuesToBeInSet(column="target", value_set=[0, 1]),
            *(
                rules.ExpectColumnValuesToBeBetween(column=column, min_value=-1e6, max_value=1e6)
                for column in df.columns[:8]
            ),
        ],
    )
    if not batch.validate(suite, result_format="BOOLEAN_ONLY").success:
        sys.exit("the table does not meet the expectations")


def scores(actual: Any, predicted: Any, probability: Any) -> dict[str, float]:
    return {
        "accuracy": accuracy_score(actual, predicted),
        "balanced_accuracy": balanced_accuracy_score(actual, predicted),
        "f1_macro": f1_score(actual, predicted, average="macro"),
        "log_loss": log_loss(actual, probability),
        "roc_auc": roc_auc_score(actual, probability[:, 1]),
    }


def confusion(actual: Any, predicted: Any) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    counts = confusion_matrix(actual, predicted)
    axes.imshow(counts)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            axes.text(column, row, str(count), ha="center")
    axes.set(xlabel="predicted", ylabel="actual")
    return figure


def roc(actual: Any, probability: Any) -> Figure:
    figure = Figure()
    false, true, _ = roc_curve(actual, probability[:, 1])
    figure.subplots().plot(false, true)
    return figure


def bars(names: Any, importances: Any) -> Figure:
    figure = Figure()
    figure.subplots().barh(names, importances.importances_mean, xerr=importances.importances_std)
    return figure


table, rates, leaves = sys.argv[1:]
df = pd.read_csv(table) if table.endswith(".csv") else pd.read_parquet(table)
validate(df)

X, y = df.drop(columns="target"), df["target"]
texts = list(X.columns[X.dtypes == "str"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)

mlflow.set_experiment("tuned")
trials = list(product(map(float, rates.split(",")), map(int, leaves.split(","))))
for learning_rate, max_leaf_nodes in trials:
    params = {
        "learning_rate": learning_rate,
        "max_iter": 200,
        "max_leaf_nodes": max_leaf_nodes,
        "l2_regularization": 0.0,
        "early_stopping": True,
        "random_state": 42,
    }
    model = HistGradientBoostingClassifier(**params, categorical_features=list(range(len(texts))) or None)
    if texts:
        encode = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=float("nan"), max_categories=255
        )
        model = make_pipeline(make_column_transformer((encode, texts), remainder="passthrough"), model)
    with mlflow.start_run():
        model.fit(X_train, y_train)
        probability = model.predict_proba(X_test)
        predicted = model.classes_[probability.argmax(axis=1)]
        dummy = DummyClassifier(strategy="prior").fit(X_train, y_train)
        baseline = scores(y_test, dummy.predict(X_test), dummy.predict_proba(X_test))
        sample = X_test.sample(min(len(X_test), 2000), random_state=42)
        importances = permutation_importance(
            model, sample, y_test.loc[sample.index], n_repeats=5, random_state=42
        )
        mlflow.log_params(params)
        mlflow.log_metrics(
            {
                **scores(y_test, predicted, probability),
                **{f"baseline_{name}": value for name, value in baseline.items()},
            }
        )
        mlflow.log_figure(confusion(y_test, predicted), "confusion.png")
        mlflow.log_figure(roc(y_test, probability), "roc.png")
        mlflow.log_figure(bars(X.columns, importances), "importances.png")
        mlflow.sklearn.log_model(
            sk_model=model,
            name="model",
            input_example=X_train.head(),
            pip_requirements=REQUIREMENTS,
            registered_model_name="tuned" if len(trials) == 1 else None,
            skops_trusted_types=TRUSTED,
        )
