"""What params.yaml says about a table: the values that `adopt` writes, while comments are kept."""

import math
from typing import TYPE_CHECKING, Any

from ..base.paths import PARAMS
from ..base.yaml import read_yaml
from ..params import Columns
from ..table.target import count_without
from ..tuning.rewrite import rewritten
from ..tuning.space import Key, with_values
from .asking import not_by
from .decisions import Decisions
from .equal import TOGETHER, duplicates
from .wishes import Wishes

if TYPE_CHECKING:
    import pandas as pd

# up to so many rows, classes get a forest if nothing is compared: a leaf of boosting needs twenty rows
FEW = 500
SMALL = 2_000  # rows; in a table up to this size, the tenth that early stopping sets aside is missed
# Boosting: fewer and smaller trees, which learn more slowly, for small tables. In cross-validation on seven
# real tables of 840 to 1,704 rows, these were better than 200 trees of 31 leaves on all seven, and better
# than stopping early on six. `choosing` compares them with forests.
FOR_SMALL = {"learning_rate": 0.05, "max_iter": 100, "max_leaf_nodes": 15, "early_stopping": False}
FOR_LARGE = {"learning_rate": 0.1, "max_iter": 200, "max_leaf_nodes": 31, "early_stopping": True}
# the fewest rows in a forest's leaf: on seven real tables of 32 to 432 rows, F1 macro was 0.02 better with
# three than with one, on average, and by more if rows with equal cells have different classes
LEAF = 3
FOLDS = 5  # folds of `tune`: ten, which suit the example, are too many for a small class or a few groups
BOOSTING, FOREST = "hist_gradient_boosting", "random_forest"
RARE = 0.2  # a share of the rows; below it, the rarer of two classes is hardly ever the likelier one
ENOUGH = 10  # rows of the rarer class, so that each fold on which a threshold is chosen has some
SEGMENTS = range(2, 9)  # how many values a column may have for metrics by value to be useful
MOST_SEGMENTS = 3  # how many columns metrics are computed by


def values_for(decisions: Decisions, wishes: Wishes, path: str) -> dict[Key, Any]:
    """Return what params.yaml is to say about a table, by keys.

    Args:
        decisions: the decisions about the table.
        wishes: the user's wishes.
        path: the path of the table's file in the project.
    """
    data = decisions.source.data
    form = {key: value for key, value in data.format.model_dump().items() if value != _default_format()[key]}
    values: dict[Key, Any] = {
        ("data", "path"): path,
        ("data", "target"): wishes.target,
        ("data", "format"): form,
        ("data", "missing"): data.missing,
        ("data", "missing_in"): data.missing_in,
        ("data", "max_without_target"): _without_target(decisions),
        ("data", "weight"): None,
        ("data", "units"): data.units,
        ("data", "date_formats"): data.date_formats,
    }
    for role in Columns.model_fields:
        values["data", "columns", role] = getattr(data.columns, role)
    values |= _split(decisions, wishes)
    values |= {
        ("evaluate", "groups"): _segments(decisions),
        ("register", "name"): wishes.name,
        ("register", "max_group_gap"): {},
        ("register", "thresholds"): {},
        ("register", "group_thresholds"): {},
        ("register", "max_spread"): {},
        ("drift", "ignore"): [],
        ("tune", "metric"): None,
    }
    if not lacks(read_yaml(PARAMS), ("tune", "folds")):
        values["tune", "folds"] = FOLDS
    return values | _model(decisions)


def written(values: dict[Key, Any]) -> str:
    """Return the text of params.yaml with the values; an empty value whose key it lacks is left out."""
    changed = without_empty(read_yaml(PARAMS), values)
    return rewritten(PARAMS.read_bytes().decode("utf-8"), changed)


def without_empty(content: dict[str, Any], values: dict[Key, Any]) -> dict[Key, Any]:
    """Return the values that change the content of params.yaml, without empty ones whose key it lacks."""
    return {
        path: value
        for path, value in values.items()
        if with_values(content, {path: value}) != content and not (lacks(content, path) and not value)
    }


def lacks(content: Any, path: Key) -> bool:
    """Tell whether the content of params.yaml has no entry at a path."""
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return True
        content = content[part]
    return False


def _default_format() -> dict[str, Any]:
    from ..params import Format

    return Format().model_dump()


def _without_target(decisions: Decisions) -> float | None:
    """Return the share of rows that may lack a target, with a margin; None if the usual one is enough."""
    data, rows = decisions.source.data, len(decisions.table)
    share = count_without(decisions.table, data) / rows
    return None if share <= data.max_without_target else min(1.0, math.ceil(20 * share + 1) / 20)


def _split(decisions: Decisions, wishes: Wishes) -> dict[Key, Any]:
    by_class = decisions.source.data.task == "classification" and not wishes.time
    by_class = by_class and not wishes.groups
    value, is_new = duplicates(decisions)[0], lacks(read_yaml(PARAMS), ("split", "duplicates"))
    return {
        ("split", "stratify"): wishes.target if by_class else None,
        ("split", "groups"): list(wishes.groups or ()),
        ("split", "time"): wishes.time or None,
        ("split", "gap"): 0,
        ("split", "duplicates"): None if value == TOGETHER and is_new else value,
        ("split", "not_by"): not_by(decisions, wishes),
    }


def _segments(decisions: Decisions) -> list[str]:
    """Return the columns by whose values metrics are also computed."""
    names = [role.name for role in decisions.roles if role.role == "categorical"]
    few = [name for name in names if decisions.table[name].nunique() in SEGMENTS]
    return few[:MOST_SEGMENTS]


def _model(decisions: Decisions) -> dict[Key, Any]:
    target = decisions.table[decisions.source.data.target].dropna()
    values: dict[Key, Any] = {}
    content = read_yaml(PARAMS)
    types = [name for name in (BOOSTING, FOREST) if not lacks(content, ("model", name))]
    classes = decisions.source.data.task == "classification"
    is_small = classes and len(target) <= FEW
    if len(types) == 2:
        values["model", "type"] = FOREST if is_small else BOOSTING
    for name, value in (FOR_LARGE if len(target) > SMALL else FOR_SMALL).items():
        if not lacks(content, ("model", BOOSTING, name)):
            values["model", BOOSTING, name] = value
    if FOREST in types and not classes:
        values["model", FOREST, "max_features"] = None
    if classes:
        if is_small and not lacks(content, ("model", FOREST, "min_samples_leaf")):
            values["model", FOREST, "min_samples_leaf"] = LEAF
        values["model", "threshold"] = "f1_macro" if _is_unbalanced(target) else None
    return values


def _is_unbalanced(target: "pd.Series[Any]") -> bool:
    counts = target.value_counts()
    return len(counts) == 2 and bool(ENOUGH <= counts.iloc[-1] < RARE * len(target))
