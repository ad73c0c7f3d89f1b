"""Rows that are equal in all but the target: on one side, or each for itself, whatever their target."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.adoption.decisions import decide_all
from penguins.engine.adoption.equal import duplicates
from penguins.engine.adoption.parameters import values_for
from penguins.engine.adoption.source import read_source
from penguins.engine.adoption.wishes import Wishes
from penguins.engine.base.yaml import read_yaml
from penguins.engine.params import Split
from penguins.engine.split.dataset import Dataset
from penguins.engine.split.divided import Divided
from penguins.engine.split.equal import doubt_of_equal_rows
from penguins.engine.split.folds import fold
from penguins.engine.split.identity import Identity
from penguins.engine.split.rule import divide
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import write_validated
from penguins.params import Params

from tests.engine.conftest import make_table

RANDOM = np.random.default_rng(3)
PEOPLE = pd.DataFrame(  # few combinations of values, and the target depends on them
    {
        "sex": RANDOM.choice(["male", "female"], 600, p=[0.7, 0.3]),
        "class": RANDOM.choice(["1", "2", "3"], 600, p=[0.2, 0.2, 0.6]),
    }
).assign(
    survived=lambda table: np.where(RANDOM.random(600) < (table["sex"] == "male") * 0.6 + 0.2, "no", "yes")
)
MEASURED = make_table(300).drop(columns=["code", "unused"])
COPIED = pd.concat([MEASURED, MEASURED[::5]], ignore_index=True)  # 60 of 360 rows are copies


def identity(table: pd.DataFrame, target: str, how: str) -> Identity:
    return Identity([name for name in table.columns if name != target], by_id=False, each=how == "apart")


def test_side(table: pd.DataFrame, target: str, how: str, **rule: Any) -> Any:
    split = Split(**{"test_fraction": 0.2, "seed": 1, "duplicates": how, **rule})
    return divide(table, split, [], identity(table, target, how).keys(table)).test


test_side.__test__ = False  # type: ignore[attr-defined]  # no test itself


@pytest.mark.parametrize("how", ["together", "apart"])
def test_a_side_never_depends_on_the_target(how: str) -> None:
    turned = PEOPLE.assign(survived=PEOPLE["survived"].iloc[::-1].to_numpy())
    side = test_side(PEOPLE, "survived", how)
    assert 0 < side.sum() < 600
    assert (test_side(turned, "survived", how) == side).all()
    sides = PEOPLE.assign(side=side).groupby(["sex", "class"])["side"].nunique()
    assert (sides == (1 if how == "together" else 2)).all()


def test_apart_the_share_is_exact_and_appended_rows_change_nothing() -> None:
    now, keys = test_side(PEOPLE, "survived", "apart"), identity(PEOPLE, "survived", "apart").keys(PEOPLE)
    assert len(np.unique(keys)) == 600
    assert now.sum() == 120
    for rows in (100, 101, 599):
        assert (identity(PEOPLE, "survived", "apart").keys(PEOPLE[:rows]) == keys[:rows]).all()
        assert (test_side(PEOPLE[:rows], "survived", "apart") == now[:rows]).all()
    by_class = test_side(PEOPLE, "survived", "apart", stratify="survived")
    share = PEOPLE.assign(side=by_class).groupby("survived")["side"].agg(["sum", "size"])
    assert (abs(share["sum"] - 0.2 * share["size"]) < 1).all()


@pytest.mark.parametrize(
    ("table", "target", "rule", "doubted"),
    [
        (PEOPLE, "survived", {}, True),
        (PEOPLE, "survived", {"duplicates": "apart"}, False),
        (PEOPLE.assign(who=list("abc") * 200), "survived", {"groups": ["who"]}, False),
        (PEOPLE.assign(day=np.arange(600) // 9 * 1.0), "survived", {"time": "day"}, False),
        (COPIED, "kind", {}, False),
        (MEASURED, "kind", {}, False),
    ],
    ids=["few combinations", "apart", "groups", "time", "copies", "no equal rows"],
)
def test_equal_rows_that_are_no_copies_are_doubted(
    table: pd.DataFrame, target: str, rule: dict[str, Any], doubted: bool
) -> None:
    split = Split(**{"test_fraction": 0.2, "seed": 1, **rule})
    told = identity(table, target, split.duplicates)
    lines = doubt_of_equal_rows(table, told, told.keys(table), split)
    assert [line.split(", and")[0] for line in lines] == (
        ["594 of 600 rows equal an earlier one in all but the target"] if doubted else []
    )


def params_of(project: Path, how: str, table: pd.DataFrame, target: str) -> Params:
    """Make a table the project's own, and validate it."""
    content = read_yaml(project / "params.yaml")
    content["data"] |= {"target": target, "columns": {}, "path": "data/raw/people.csv"}
    content["split"] = {"test_fraction": 0.2, "seed": 1, "duplicates": how}
    content["evaluate"]["groups"] = []
    table.to_csv(project / "data/raw/people.csv", index=False)
    params = Params.model_validate(content)
    write_validated(to_types(read_raw(params), params.data), params, {})
    return params


@pytest.mark.parametrize("how", ["together", "apart"])
def test_a_model_is_judged_by_rows_that_it_has_not_learned_from(project: Path, how: str) -> None:
    data = Dataset(params_of(project, how, PEOPLE, "survived"))
    assert data.new_to(data.learned).all()
    assert len(data.learned.keys) == (480 if how == "apart" else 5)  # of six combinations
    equal = "" if how == "apart" else ", 594 of them equal to another row, and on its side"
    assert str(data.division).endswith(f"test rows{equal}")
    assert any("split.duplicates: apart" in line for line in data.doubts) is (how == "together")


@pytest.mark.parametrize("how", ["together", "apart"])
def test_folds_have_equal_rows_as_the_split_has_them(project: Path, how: str) -> None:
    params = params_of(project, how, PEOPLE, "survived")
    rows = Divided.of(params).rows
    for fitted, judged in fold(rows, params, [], 3, 0):
        known = set(map(tuple, rows.iloc[fitted][["sex", "class"]].to_numpy()))
        tried = set(map(tuple, rows.iloc[judged][["sex", "class"]].to_numpy()))
        assert bool(known & tried) is (how == "apart")


@pytest.mark.parametrize(
    ("table", "target", "how"), [(PEOPLE, "survived", "apart"), (COPIED, "kind", "together")]
)
def test_adopt_decides_it_with_the_reason(project: Path, table: pd.DataFrame, target: str, how: str) -> None:
    table.to_csv("mine.csv", index=False)
    wishes = Wishes(target, "classification")
    decisions = decide_all(read_source(Path("mine.csv"), wishes, Path(mkdtemp(dir="."))), wishes)
    value, why = duplicates(decisions)
    assert value == how
    assert why.startswith(f"{594 if how == 'apart' else 64} of {len(table)} rows equal an earlier one")
    written = values_for(decisions, wishes, "mine.csv")["split", "duplicates"]
    assert written == ("apart" if how == "apart" else None)  # these params.yaml lack the key
