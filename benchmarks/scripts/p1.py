"""P1, the yardstick: one plain script, written the way the libraries' quickstarts are.

`python p1.py TABLE LEARNING_RATE,… MAX_LEAF_NODES,…` validates the table, then fits, evaluates and logs
a model for each pair of values, a run of MLflow each. A single one is registered, too; of several, as in
any search, none is.
"""

import sys
from itertools import product
from typing import Any

import great_expectations as gx
import matplotlib
import matplotlib.pyplot as plt
import mlflow
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

table = sys.argv[1]
learning_rates = [float(value) for value in sys.argv[2].split(",")]
max_leaf_nodes = [int(value) for value in sys.argv[3].split(",")]
matplotlib.use("agg")  # as where there is no display

# Read
df = pd.read_csv(table) if table.endswith(".csv") else pd.read_parquet(table)

# Validate
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
    sys.exit("the table does not meet the expectations")

# Split
X, y = df.drop(columns="target"), df["target"]
texts = list(X.columns[X.dtypes == "str"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)


def scores(predicted: Any, probability: Any) -> dict[str, float]:
    return {
        "accuracy": accuracy_score(y_test, predicted),
        "balanced_accuracy": balanced_accuracy_score(y_test, predicted),
        "f1_macro": f1_score(y_test, predicted, average="macro"),
        "log_loss": log_loss(y_test, probability),
        "roc_auc": roc_auc_score(y_test, probability[:, 1]),
    }


mlflow.set_experiment("p1")
trials = list(product(learning_rates, max_leaf_nodes))
for learning_rate, leaves in trials:
    params = {
        "learning_rate": learning_rate,
        "max_iter": 200,
        "max_leaf_nodes": leaves,
        "l2_regularization": 0.0,
        "early_stopping": True,
        "random_state": 42,
    }
    with mlflow.start_run():
        mlflow.log_params(params)

        # Fit
        model = HistGradientBoostingClassifier(**params, categorical_features=list(range(len(texts))) or None)
        if texts:
            encode = OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=float("nan"), max_categories=255
            )
            model = make_pipeline(make_column_transformer((encode, texts), remainder="passthrough"), model)
        model.fit(X_train, y_train)

        # Evaluate
        predicted = model.predict(X_test)
        mlflow.log_metrics(scores(predicted, model.predict_proba(X_test)))
        dummy = DummyClassifier(strategy="prior").fit(X_train, y_train)
        baseline = scores(dummy.predict(X_test), dummy.predict_proba(X_test))
        mlflow.log_metrics({f"baseline_{name}": value for name, value in baseline.items()})

        sample = X_test.sample(min(len(X_test), 2000), random_state=42)
        importances = permutation_importance(
            model, sample, y_test.loc[sample.index], n_repeats=5, random_state=42
        )

        mlflow.log_figure(ConfusionMatrixDisplay.from_predictions(y_test, predicted).figure_, "confusion.png")
        mlflow.log_figure(RocCurveDisplay.from_estimator(model, X_test, y_test).figure_, "roc.png")
        figure, axes = plt.subplots()
        axes.barh(X.columns, importances.importances_mean, xerr=importances.importances_std)
        mlflow.log_figure(figure, "importances.png")
        plt.close("all")

        # Log and register
        mlflow.sklearn.log_model(
            sk_model=model,
            name="model",
            input_example=X_train.head(),
            registered_model_name="p1" if len(trials) == 1 else None,
            # what log_model's own error message asks for
            skops_trusted_types=[
                "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
                "functools.partial",
                "sklearn.utils.validation.check_array",
            ],
        )
