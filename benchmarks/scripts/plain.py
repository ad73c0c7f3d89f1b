"""The plain script: what a sensible first try with pandas and scikit-learn gets, on the project's own split.

    python plain.py TABLE.parquet SPLIT.json TASK TARGET [COLUMN …]

Numbers and categories go to gradient boosting as they are, dates as their parts, words with many values
not at all. COLUMNs are left out. Prints the project's primary metric as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import f1_score, root_mean_squared_error

MANY = 100  # values of a category

table, split, task, target = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
rows = pd.read_parquet(table)
rows = rows[rows[target].notna()].reset_index(drop=True)
sides = json.loads(split.read_text(encoding="utf-8"))
train, test = np.array(sides["train"], bool), np.array(sides["test"], bool)
if len(rows) != len(train):
    raise SystemExit(f"{len(rows)} rows have a target; the project divides {len(train)}")

features = rows.drop(columns=[target, *sys.argv[5:]])
for name in features.select_dtypes(["object", "string"]):
    dates = pd.to_datetime(features[name], errors="coerce", format="mixed")
    if dates.notna().mean() > 0.95:
        age = (dates - dates.min()).dt.days
        parts = {
            "month": dates.dt.month,
            "weekday": dates.dt.day_of_week,
            "day": dates.dt.day_of_year,
            "age": age,
        }
        features = features.assign(**{f"{name}_{part}": values for part, values in parts.items()})
    elif features[name].nunique() <= MANY:
        features[name] = features[name].astype("category")
        continue
    features = features.drop(columns=name)

if task == "classification":
    model = HistGradientBoostingClassifier(max_iter=200, early_stopping=True, random_state=42)
    labels = rows[target].astype(str)
    model.fit(features[train], labels[train])
    score = f1_score(labels[test], model.predict(features[test]), average="macro")
else:
    model = HistGradientBoostingRegressor(max_iter=200, early_stopping=True, random_state=42)
    model.fit(features[train], rows[target][train])
    score = root_mean_squared_error(rows[target][test], model.predict(features[test]))
print(json.dumps({"score": float(score)}))
