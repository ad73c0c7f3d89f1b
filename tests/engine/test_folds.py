"""The folds of `tune`: no group on both sides, nothing later than what is judged, both tasks."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.base.yaml import read_yaml
from penguins.engine.params import Columns
from penguins.engine.split.dataset import Dataset
from penguins.engine.split.folds import fold
from penguins.engine.tuning.cross_validation import CrossValidation
from penguins.params import Params

from tests.engine.conftest import TARGET, make_table

TASKS = pytest.mark.parametrize("task", ["classification", "regression"])
DAY = np.random.default_rng(4).permutation(200) // 3  # three rows of each, in no order
TABLE = make_table(200).assign(
    day=DAY.astype(float),
    date=(pd.Timestamp("2026-01-01") + pd.to_timedelta(DAY, unit="D")).strftime("%Y-%m-%d"),
    person=np.random.default_rng(2).integers(0, 40, 200).astype(str),
)


def params_of(project: Path, task: str, folds: int, split: dict[str, Any]) -> Any:
    content = read_yaml(project / "params.yaml")
    content["data"] |= {"task": task} | ({"target": "height"} if task == "regression" else {})
    content["data"]["columns"]["numeric"] = ["width"]
    content["split"] = {"test_fraction": 0.25, "seed": 1, **split}
    return content, Params.model_validate({**content, "tune": {"folds": folds}})


def folded(
    project: Path, task: str, ids: list[str] | None = None, folds: int = 4, **split: Any
) -> list[tuple[Any, Any]]:
    """Fold the table."""
    _, params = params_of(project, task, folds, split)
    return fold(TABLE, params, ids or [], folds, 42)


@TASKS
@pytest.mark.parametrize(
    ("split", "ids", "apart"),
    [
        ({"groups": ["person"]}, [], ["person"]),
        ({"groups": ["person", "colour"]}, [], ["person", "colour"]),
        ({"groups": ["person"]}, ["code"], ["person"]),
        ({}, ["person"], ["person"]),
        ({}, [], ["width", "height", "colour", "code"]),
    ],
    ids=["groups", "groups of two columns", "groups before ids", "ids", "equal rows"],
)
def test_no_group_is_in_two_folds(
    project: Path, task: str, split: dict[str, Any], ids: list[str], apart: list[str]
) -> None:
    table = TABLE if split or ids else pd.concat([TABLE[:100]] * 2)
    _, params = params_of(project, task, 4, split)
    folds = fold(table, params, ids, 4, 42)
    assert sorted(np.concatenate([judged for _, judged in folds])) == list(range(200))
    group = table.groupby(apart, dropna=False).ngroup().to_numpy()
    assert len(np.unique(group)) < 200
    for fitted, judged in folds:
        assert not set(group[fitted]) & set(group[judged])
        assert len(fitted) + len(judged) == 200
        assert abs(len(judged) - 50) <= 10


def test_classes_have_their_share_in_each_fold_of_groups(project: Path) -> None:
    person = np.repeat(np.arange(40), 5)
    table = TABLE.assign(**{"person": person.astype(str), TARGET: np.where(person % 5, "small", "large")})
    _, params = params_of(project, "classification", 4, {"groups": ["person"]})
    for _, judged in fold(table, params, [], 4, 42):
        assert (table[TARGET].iloc[judged] == "large").sum() == 10  # rows of two persons of eight


@TASKS
@pytest.mark.parametrize("time", ["day", "date"])
@pytest.mark.parametrize("gap", [0, 3])
def test_what_is_judged_is_later_than_what_was_learned(project: Path, task: str, time: str, gap: int) -> None:
    folds = folded(project, task, time=time, gap=gap)
    assert len(folds) == 4
    for number, (fitted, judged) in enumerate(folds, 1):
        assert len(judged) == 40
        first = DAY[judged].min()
        assert set(fitted) == set(np.flatnonzero(first - gap > DAY))
        assert first == np.sort(DAY)[40 * number]
    later = np.concatenate([judged for _, judged in folds])
    assert np.sort(DAY[later]).tolist() == np.sort(DAY)[40:].tolist()


@TASKS
@pytest.mark.parametrize(
    ("split", "folds", "says"),
    [
        ({"groups": ["person"]}, 50, "200 training rows: "),
        ({"time": "day", "gap": 20}, 4, "no row is early enough to fit on before fold 1 of 4"),
        ({"time": "day"}, 300, "200 training rows: "),
    ],
)
def test_rows_that_cannot_be_folded_are_one_line(
    project: Path, task: str, split: dict[str, Any], folds: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dataset, "train_rows", TABLE)
    monkeypatch.setattr(Dataset, "columns", Columns())
    monkeypatch.setattr(Dataset, "classes", None)  # none of them is rare
    with pytest.raises(UserError, match=r"^params.yaml:\d+: tune.folds: 200 training rows: ") as caught:
        CrossValidation.prepare(*params_of(project, task, folds, split))
    assert says in str(caught.value)
