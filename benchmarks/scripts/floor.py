"""The floor: what the modelling itself costs. No validation, nothing recorded, nothing drawn.

`python floor.py TABLE LEARNING_RATE,… MAX_LEAF_NODES,…` fits a model for each pair of values.
"""

import sys
from itertools import product

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
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

df = pd.read_csv(table) if table.endswith(".csv") else pd.read_parquet(table)
X, y = df.drop(columns="target"), df["target"]
texts = list(X.columns[X.dtypes == "str"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)

for learning_rate, leaves in product(learning_rates, max_leaf_nodes):
    model = HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=200,
        max_leaf_nodes=leaves,
        l2_regularization=0.0,
        early_stopping=True,
        random_state=42,
        categorical_features=list(range(len(texts))) or None,
    )
    if texts:
        encode = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=float("nan"), max_categories=255
        )
        model = make_pipeline(make_column_transformer((encode, texts), remainder="passthrough"), model)
    model.fit(X_train, y_train)
    predicted = model.predict(X_test)
    probability = model.predict_proba(X_test)
    print(
        {
            "accuracy": accuracy_score(y_test, predicted),
            "balanced_accuracy": balanced_accuracy_score(y_test, predicted),
            "f1_macro": f1_score(y_test, predicted, average="macro"),
            "log_loss": log_loss(y_test, probability),
            "roc_auc": roc_auc_score(y_test, probability[:, 1]),
            "average_precision": average_precision_score(y_test, probability[:, 1]),
        }
    )
