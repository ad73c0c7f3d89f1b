"""A project whose table has every kind of column, for the programs of tests/servers to work in."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path.cwd()  # the root of the baked project
PARAMS = """\
data:
  task: classification
  path: data/raw/table.csv
  target: kind
  engine: {engine}
  missing: [NA, '?']
  columns:
    numeric: [width, height]
    categorical: [colour, grade, mixed, truth, size]
    text: [note]
    id: [code]
    date: [when]
    drop: [gone]
  units: {{width: cm}}
split: {{test_fraction: 0.25, seed: 1, stratify: colour, sample: {sample}}}
features: {{}}
model:
  type: {type}
  hist_gradient_boosting: {{max_iter: 20, random_state: 0}}
  xgboost.dask.DaskXGBClassifier: {{n_estimators: 20, learning_rate: 0.3}}
  lightgbm.DaskLGBMClassifier: {{n_estimators: 20, learning_rate: 0.3}}
evaluate: {{primary_metric: f1_macro, groups: [colour]}}
register: {{name: things}}
"""
EXPECTATIONS = """\
expectations:
  - {type: expect_column_values_to_be_between, column: size, min_value: 15, severity: warning}
  - {type: expect_column_values_to_be_between, column: when, min_value: 2024-02-01, severity: warning}
  - {type: expect_column_values_to_be_between, column: colour, min_value: 3, severity: warning}
  - {type: expect_column_values_to_be_in_set, column: grade, value_set: [1, 2], severity: warning}
  - {type: expect_column_mean_to_be_between, column: height, min_value: 9, severity: warning}
  - {type: expect_column_values_to_be_unique, column: code, severity: critical}
  - {type: expect_column_values_to_be_of_type, column: code, type_: str, severity: critical}
  - {type: expect_table_columns_to_match_set, column_set: [width], severity: warning}
  - {type: expect_column_values_to_be_increasing, column: height, severity: warning}
"""


def table(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    width = random.uniform(1, 10, rows).round(2)
    table = pd.DataFrame(
        {
            "code": [f"{number:05}" for number in random.permutation(rows)],
            "width": [f"{width} cm" if row % 3 else f"{width}" for row, width in enumerate(width)],
            "height": random.integers(1, 9, rows),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"),
            "colour": random.choice(["red", "green", "blue"], rows),
            "grade": random.choice(["1.0", "2.0", "3.0"], rows),
            "mixed": random.choice(["1", "1.0", "2"], rows),
            "truth": random.choice(["true", "false", "TRUE"], rows),
            "size": random.choice(["10", "20", "?"], rows),
            "note": random.choice(["a fine thing", 'a "dull" thing\nof two lines'], rows),
            "gone": random.choice(["5", "06"], rows),
            "kind": np.where(width > 5, "large", "small"),
        }
    )
    table.loc[::17, "colour"] = None
    table.loc[::19, "width"] = "NA"
    table.loc[[3, 400], "kind"] = None
    return table


def lay_out(rows: int) -> None:
    """Make the project in the folder that the program's first argument names, and change to this folder."""
    folder = Path(sys.argv[1])
    for name in ("data/raw", "expectations", "models", ".dvc/tmp"):
        (folder / name).mkdir(parents=True)
    for name in ("dvc.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    sys.path.insert(0, str(ROOT))
    os.environ |= {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db", "DVC_ROOT": str(folder)}
    os.chdir(folder)
    Path("expectations/penguins.yaml").write_text(EXPECTATIONS, encoding="utf-8")
    table(rows).to_csv("data/raw/table.csv", index=False)


def set_params(engine: str = "pandas", sample: float = 1.0, type: str = "hist_gradient_boosting") -> None:
    text = PARAMS.format(engine=engine, sample=sample, type=type)
    Path("params.yaml").write_text(text, encoding="utf-8")
