"""A baked project, made the benchmark's own as a user would: params.yaml, the expectations, `dvc add`."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.cases import CHANGED_LEARNING_RATE, LEARNING_RATES, MAX_LEAF_NODES

MODEL = "hist_gradient_boosting"
SPACE = {
    "learning_rate": {"choice": list(LEARNING_RATES)},
    "max_leaf_nodes": {"choice": list(MAX_LEAF_NODES)},
}


def adapt(project: Path, raw: Path, features: list[str]) -> None:
    """Point a baked project to a table, with the expectations and the split that P1 has.

    Args:
        project: its folder.
        raw: the table's file, in the project.
        features: the names of the table's feature columns, in its order: `c0` and so on are categories.
    """
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    params["data"] = {
        "task": "classification",
        "path": raw.as_posix(),
        "target": "target",
        "columns": {
            "numeric": [name for name in features if not is_category(name, raw)],
            "categorical": [name for name in features if is_category(name, raw)],
        },
    }
    params["split"]["stratify"] = "target"
    params["evaluate"]["groups"] = []
    params["register"]["thresholds"] = {"f1_macro": {"min": 0.5}, "log_loss": {"max": 0.5}}
    params["tune"] = {
        "trials": len(LEARNING_RATES) * len(MAX_LEAF_NODES),
        "folds": 2,
        "seed": 42,
        "space": {"model": {MODEL: SPACE}},
    }
    yaml.dump(params, project / "params.yaml")

    (suite,) = (project / "expectations").glob("*.yaml")
    yaml.dump({"expectations": expectations(features)}, suite)
    for example in (project / "data" / "raw").glob("penguins.csv*"):
        example.unlink()


def is_category(name: str, raw: Path) -> bool:
    """Tell whether a column of a table holds categories, by its name."""
    return raw.suffix == ".csv" and bool(re.fullmatch(r"c\d+", name))


def expectations(features: list[str]) -> list[dict[str, Any]]:
    """Expect what P1 expects: as many rules as the template's own example has."""
    return [
        {"type": "expect_table_row_count_to_be_between", "min_value": 100},
        {"type": "expect_column_values_to_not_be_null", "column": "target"},
        {"type": "expect_column_values_to_be_in_set", "column": "target", "value_set": ["0", "1"]},
        *(
            {
                "type": "expect_column_values_to_be_between",
                "column": name,
                "min_value": -1e6,
                "max_value": 1e6,
            }
            for name in features[:8]
        ),
    ]


def change_a_parameter(project: Path) -> None:
    """Edit one parameter of the model."""
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    params["model"][MODEL]["learning_rate"] = CHANGED_LEARNING_RATE
    yaml.dump(params, project / "params.yaml")
