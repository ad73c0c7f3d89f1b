"""Which rows are test rows: by chance, in groups, by time; what is exact of it, and what stays."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.params import Columns, Split
from penguins.engine.split import identity as split_identity
from penguins.engine.split.columns import columns_of
from penguins.engine.split.identity import row_keys
from penguins.engine.split.rule import divide, leaked_from
from penguins.engine.split.sides import Division, Sides
from penguins.engine.table.reading import read_raw
from penguins.params import load_params

from tests.engine.conftest import make_table
from tests.support.running import replace_in

TABLE = make_table(400)
PANEL = TABLE.assign(  # of 60 persons, some of whom have ten rows and some one
    person=np.random.default_rng(5).choice(60, 400, p=np.arange(1, 61) / 1830).astype(str),
    day=np.arange(400) // 3 * 1.0,
)
RULES: list[dict[str, Any]] = [
    {},
    {"stratify": "colour"},
    {"groups": ["person"]},
    {"groups": ["person"], "stratify": "colour"},
    {"groups": ["person", "colour"]},
]


def divided(table: pd.DataFrame, ids: list[str] | None = None, **rule: Any) -> Sides:
    """Divide a table, by default one row in five."""
    split = Split(**{"test_fraction": 0.2, "seed": 3, **rule})
    return divide(table, split, ids or [], row_keys(table, ids or []))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_appended_rows_move_no_row_to_the_other_side(rule: dict[str, Any]) -> None:
    now = divided(PANEL, **rule).test
    for rows in (40, 41, 57, 100, 200, 399):
        assert (divided(PANEL[:rows], **rule).test == now[:rows]).all()
    assert 0.1 < now.mean() < 0.3


def test_a_row_has_the_same_key_however_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pd.util.hash_pandas_object(TABLE, index=False).to_numpy()
    assert row_keys(TABLE, []).tolist() == whole.tolist()
    monkeypatch.setattr(split_identity, "ROWS", 7)
    assert row_keys(TABLE, []).tolist() == whole.tolist()
    assert row_keys(TABLE[:0], ["code"]).tolist() == []


@pytest.mark.parametrize("fraction", [0.05, 0.15, 0.2, 0.25, 1 / 3, 0.5, 0.7])
def test_without_strata_the_share_is_exact_to_one_row(fraction: float) -> None:
    for seed in range(20):
        test = divided(TABLE, test_fraction=fraction, seed=seed).test
        count, wanted = np.cumsum(test), fraction * np.arange(1, 401)  # of each table that it was on the way
        assert np.abs(count - wanted).max() < 1
    assert divided(TABLE[:55]).test.sum() == 11  # by a hash of each row it was 16
    assert divided(TABLE[:120]).test.sum() == 24  # and 30


def test_each_stratum_has_its_share() -> None:
    colour, test = TABLE["colour"].fillna(""), divided(TABLE, stratify="colour").test
    for name in colour.unique():
        of_colour = test[colour == name]
        assert abs(of_colour.sum() - 0.2 * len(of_colour)) < 1


@pytest.mark.parametrize("columns", [["person"], ["person", "colour"]], ids=str)
def test_groups_are_whole_and_their_share_is_exact(columns: list[str]) -> None:
    sides = divided(PANEL, groups=columns)
    person = PANEL[columns].fillna("").agg("/".join, axis=1)  # a missing colour is one like any other
    by_person = pd.Series(sides.test).groupby(person.to_numpy())
    assert (by_person.nunique() == 1).all()
    assert abs(by_person.first().sum() - 0.2 * person.nunique()) < 1
    assert (sides.train == ~sides.test).all()


def test_a_group_is_of_the_stratum_of_its_first_row() -> None:
    table = pd.DataFrame({"person": list("aabbccdd"), "class": list("xyxxyxyy")})
    sides = divided(table, test_fraction=0.5, groups=["person"], stratify="class")
    first = sides.test[::2].reshape(2, 2)  # a and b are of x, c and d of y
    assert first.sum(axis=1).tolist() == [1, 1]
    assert (sides.test[::2] == sides.test[1::2]).all()


@pytest.mark.parametrize("stratify", ["colour", None])
def test_rows_with_one_id_stay_together(stratify: str | None) -> None:
    table = TABLE.assign(code=(np.arange(400) // 4).astype(str))
    side = divided(table, ["code"], stratify=stratify).test
    assert (pd.Series(side).groupby(table["code"]).nunique() == 1).all()


def test_what_is_before_a_deleted_row_stays() -> None:
    now, without = divided(TABLE).test, divided(TABLE.drop(index=200)).test
    assert (now[:200] == without[:200]).all()
    assert (now[201:] != without[200:]).any()  # as the docs say


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_another_seed_is_another_split(rule: dict[str, Any]) -> None:
    assert (divided(PANEL, **rule, seed=1).test != divided(PANEL, **rule, seed=2).test).any()


def test_a_side_without_rows_is_one_line(project: Path) -> None:
    with pytest.raises(
        UserError, match=r"params.yaml:11: split.test_fraction: of 2 rows none is in the test"
    ):
        divided(TABLE[:2], test_fraction=0.001)
    one = TABLE.assign(person="a", day=1.0)
    with pytest.raises(UserError, match=r"of 400 rows in 1 groups none is in the training"):
        divided(one, test_fraction=0.9, groups=["person"])
    with pytest.raises(UserError, match=r"of 400 rows none is in the training"):
        divided(one, time="day")


@pytest.mark.parametrize(
    ("fraction", "first"), [(0.2, 8), (0.25, 7), (0.249, 8), (0.26, 7), (0.001, 9), (0.999, 1)]
)
def test_the_latest_rows_are_the_test(fraction: float, first: int) -> None:
    table = TABLE[:20].assign(day=np.repeat(np.arange(10.0), 2)).sample(frac=1, random_state=0)
    sides = divided(table, time="day", test_fraction=fraction)
    assert (sides.test == (table["day"] >= first)).all()  # rows of one day are on one side
    assert (sides.train == ~sides.test).all()


@pytest.mark.parametrize("kind", ["numbers", "numbers in text", "dates", "text", "text with zones"])
@pytest.mark.parametrize(("gap", "last"), [(0, 15), (0.5, 15), (1, 15), (2, 14), (3.5, 13), (7, 9)])
def test_rows_in_the_gap_are_on_no_side(kind: str, gap: float, last: int) -> None:
    day = pd.Series([*range(16), 17.0, 18, 19, 20])
    date = pd.to_datetime("2026-02-20") + pd.to_timedelta(day, unit="D")
    columns = {
        "numbers": day,
        "numbers in text": day.astype("int").astype("str"),  # as those of a column that is dropped
        "dates": date,
        "text": date.dt.strftime("%Y-%m-%d"),
        "text with zones": (date + pd.Timedelta(hours=3)).dt.strftime("%Y-%m-%dT%H:%M:%S+03:00"),
    }
    sides = divided(pd.DataFrame({"day": columns[kind]}), time="day", gap=gap)
    assert sides.test.tolist() == [False] * 16 + [True] * 4
    assert sides.train.tolist() == (day < 17 - gap).tolist()
    assert (
        day[sides.train].max() == last
    )  # a row exactly the gap before is left out, as of seven days the first


def test_rows_without_a_time_are_on_no_side_and_counted() -> None:
    table = TABLE[:100].assign(day=np.arange(100.0)).astype({"day": "float64"})
    table.loc[[3, 50, 99], "day"] = None
    split = Split(test_fraction=0.2, seed=1, time="day", gap=5)
    sides = divided(table, time="day", gap=5)
    assert not (sides.train | sides.test)[[3, 50, 99]].any()
    division = Division.of(table, split, sides)
    assert (division.test, division.train, sum(division.left_out.values())) == (19, 73, 8)
    assert str(division) == (
        "latest by day, from 80 on: 73 training rows, 19 test rows, 5 left out within 5 before them, "
        "3 left out for want of a day"
    )
    assert division.tags() == {
        "split": str(division),
        "split.rows.train": "73",
        "split.rows.test": "19",
        "split.rows.left_out": "8",
    }


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({}, "random: 320 training rows, 80 test rows"),
        ({"stratify": "colour"}, "random, stratified by colour: 320 training rows, 80 test rows"),
        ({"time": "day"}, "latest by day, from 2026-04-18 on: 321 training rows, 79 test rows"),
        ({"time": "hour", "gap": 1}, "latest by hour, from 2026-01-14 08:00:00 on: 296 training"),
    ],
)
def test_a_split_is_described(rule: dict[str, Any], says: str) -> None:
    start = pd.Timestamp("2026-01-01")
    table = PANEL.assign(
        day=(start + pd.to_timedelta(PANEL["day"], unit="D")).dt.strftime("%Y-%m-%d"),
        hour=start + pd.to_timedelta(np.arange(400), unit="h"),
    )
    split = Split(**{"test_fraction": 0.2, "seed": 3, **rule})
    assert str(Division.of(table, split, divided(table, **rule))).startswith(says)


def test_groups_are_counted_in_the_description() -> None:
    rule: dict[str, Any] = {"groups": ["person"], "stratify": "colour"}
    split = Split(**{"test_fraction": 0.2, "seed": 3, **rule})
    sides = divided(PANEL, **rule)
    test, every = (PANEL["person"][chosen].nunique() for chosen in (sides.test, slice(None)))
    says = f"random groups of person ({test} of {every} for the test), stratified by colour: "
    assert str(Division.of(PANEL, split, sides)).startswith(says)


@pytest.mark.parametrize("cell", ["soon", "31.01.2026", "2026-02-30", "x1"])
def test_a_time_that_is_none_is_one_line(project: Path, cell: str) -> None:
    table = TABLE[:4].assign(day=pd.Series(["2026-01-01", None, None, cell], TABLE.index[:4], dtype="object"))
    with pytest.raises(UserError) as caught:
        divided(table, time="day")
    assert str(caught.value) == (
        "params.yaml:11: split.time: 1 of 4 cells of 'day' hold neither a number nor a date like 2026-01-31 "
        "or 2026-01-31T08:00; data.date_formats takes dates of another form"
    )


def test_an_id_on_both_sides_is_one_line(project: Path) -> None:
    table = TABLE[:20].assign(day=np.arange(20.0), person=list("abcdefghij") * 2)
    with pytest.raises(
        UserError, match=r"split.time: 4 ids \(person\) have rows both among the test rows and"
    ):
        divided(table, ["person"], time="day")
    assert divided(table[:10], ["person"], time="day").test.sum() == 2
    twice = TABLE[:20].assign(day=np.arange(20.0), person=[*"abcdefghijklmnopp", *"qrs"])
    with pytest.raises(UserError, match=r"split.time: 1 ids"):
        divided(twice, ["person"], time="day", gap=0)
    assert divided(twice, ["person"], time="day", gap=1).test.sum() == 4  # the other row is in the gap
    visits = table.assign(ward=[*"aaaaaaaaaa", *"aaaaaaaabb"])
    with pytest.raises(
        UserError, match=r"split.groups: 2 ids \(person\) have rows in several groups, .*columns.drop"
    ):
        divided(visits, ["person"], groups=["ward"])
    assert divided(visits[:18], ["person"], groups=["ward", "person"], test_fraction=0.5).test.any()


@pytest.mark.parametrize(
    ("split", "key", "says"),
    [
        ("groups: [code, code]", "split.groups", "listed twice"),
        ("stratify: colour, groups: [colour]", "split.groups", "a stratum of its own"),
        ("stratify: colour, time: height", "split.time", "set stratify to null"),
        ("groups: [code], time: height", "split.time", "keep `groups` to predict for new groups, or `time`"),
        ("gap: 3", "split.gap", "needs split.time"),
        ("time: height, gap: -1", "split.gap", "greater than or equal to 0"),
        ("groups: [kind]", "split", "the target 'kind' is also listed under groups or time"),
        ("time: kind", "split", "the target 'kind' is also listed under groups or time"),
        ("groups: code", "split.groups", "needs a list"),
    ],
)
def test_a_rule_that_cannot_be_is_one_line(project: Path, split: str, key: str, says: str) -> None:
    replace_in(project / "params.yaml", "seed: 1, stratify: colour", f"seed: 1, {split}")
    with pytest.raises(UserError) as caught:
        load_params()
    assert str(caught.value).startswith(f"params.yaml:11: {key}: ")
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("split", "says"),
    [
        ("groups: [person, colour]", "split.groups.0: data/raw/table.csv has no column 'person'"),
        ("time: day", "split.time: data/raw/table.csv has no column 'day'"),
    ],
)
def test_a_column_that_is_not_there_is_one_line(project: Path, split: str, says: str) -> None:
    replace_in(project / "params.yaml", "stratify: colour", split)
    with pytest.raises(UserError, match=says):
        read_raw(load_params())


def test_a_column_of_groups_is_no_feature_unless_it_is_listed(project: Path) -> None:
    params = load_params()
    listed = {"categorical": ["colour"], "id": ["code"]}
    data = params.data.model_copy(update={"columns": Columns(**listed)})
    frame = pd.DataFrame({"code": ["1"], "person": ["a"], "height": [1.0], "colour": ["red"], "kind": ["z"]})

    def roles(**rule: Any) -> Columns:
        split = Split(test_fraction=0.2, seed=1, **rule)
        return columns_of(frame, params.model_copy(update={"data": data, "split": split}))

    assert roles(groups=["person", "colour", "height", "code"]) == Columns(**listed)
    assert roles() == Columns(numeric=["height"], categorical=["colour", "person"], id=["code"])


def test_a_model_is_not_judged_by_the_groups_that_it_knows() -> None:
    sides, keys = divided(PANEL, groups=["person"]), row_keys(PANEL, [])
    seen = np.zeros(400, dtype=bool)
    seen[sides.train] = True
    assert not leaked_from(sides, 0, keys, seen)[sides.test].any()
    seen[np.flatnonzero(sides.test)[0]] = True  # of one person of the test rows it learned from one row
    person = PANEL["person"].iloc[np.flatnonzero(sides.test)[0]]
    assert (leaked_from(sides, 0, keys, seen) == (sides.train | (PANEL["person"] == person))).all()


def test_a_model_is_not_judged_by_what_came_before_what_it_learned() -> None:
    day = np.array([*range(20), np.nan])
    sides, keys = Sides(day < 10, day >= 15, times=day), np.arange(21, dtype=np.uint64)
    assert not leaked_from(sides, 5, keys, sides.train)[sides.test].any()
    assert leaked_from(sides, 5.5, keys, sides.train)[sides.test].sum() == 0
    assert leaked_from(sides, 6, keys, sides.train)[sides.test].sum() == 1
    later = sides.train.copy()
    later[[17, 20]] = True  # as if it had been trained by another split
    assert leaked_from(sides, 0, keys, later)[:20].tolist() == [True] * 18 + [False] * 2
    assert not leaked_from(sides, 0, keys, np.zeros(21, dtype=bool))[:20].any()
