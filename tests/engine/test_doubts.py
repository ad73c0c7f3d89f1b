"""Persons and times that a split overlooks: what they do to a metric, and that they are named."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.params import Split
from penguins.engine.split import times
from penguins.engine.split.doubts import doubts

from tests.engine.conftest import TARGET, make_table
from tests.engine.tasks import REGRESSION
from tests.support.running import replace_in

RANDOM = np.random.default_rng(11)
ROWS = 600
PERSON = np.repeat(np.arange(60), 10)


def whole(split: dict[str, Any] | None = None, ids: list[str] | None = None, **columns: Any) -> list[str]:
    """Doubt a table with these columns beside others."""
    table = make_table(ROWS).drop(columns="code").assign(**columns)
    rule = Split(**{"test_fraction": 0.2, "seed": 1, **(split or {})})
    return [doubt.text for doubt in doubts(table, rule, ids or [], TARGET)]


def doubted(split: dict[str, Any] | None = None, ids: list[str] | None = None, **columns: Any) -> list[str]:
    """Return the first words of each doubt."""
    return [line.split(" if ")[0] for line in whole(split, ids, **columns)]


def test_an_ordinary_table_is_not_doubted() -> None:
    assert doubted() == []
    assert (
        doubted(
            age=RANDOM.integers(18, 90, ROWS).astype(float),  # whole numbers repeat, too
            weight=RANDOM.normal(70, 10, ROWS),
            town=RANDOM.choice([f"town {i}" for i in range(30)], ROWS),
            key=[f"k{i}" for i in range(ROWS)],
            row=np.arange(1.0, ROWS + 1),
            number=np.arange(0.0, ROWS),
            dropped=RANDOM.integers(1000, 1400, ROWS).astype(str),  # amounts
            empty=np.nan,
        )
        == []
    )


@pytest.mark.parametrize(
    "kind", ["asked equally often", "rows together", "many, few rows each", "numbers", "numbers in text"]
)
def test_a_column_that_repeats_like_a_person_is_doubted(kind: str) -> None:
    shuffled = RANDOM.permutation(ROWS)
    unequal = np.sort(RANDOM.choice(60, ROWS, p=np.arange(1, 61) / 1830))
    many = RANDOM.integers(0, 150, ROWS)
    cells = {
        "asked equally often": np.char.add("p", PERSON[shuffled].astype(str)),
        "rows together": np.char.add("p", unequal.astype(str)),
        "many, few rows each": np.char.add("p", many.astype(str)),
        "numbers": PERSON[shuffled].astype(float),
        "numbers in text": PERSON[shuffled].astype(str),
    }[kind]
    values = len(np.unique(cells))
    (line,) = doubted(person=cells)
    assert line == f"'person' has {values} values with {ROWS / values:.3g} rows each:"


@pytest.mark.parametrize("values", [9, 10])
def test_a_column_of_few_values_is_a_category(values: int) -> None:
    cells = np.char.add("p", np.sort(np.arange(ROWS) % values).astype(str))
    assert len(doubted(person=cells)) == (values == 10)


def test_sentences_are_nobody() -> None:
    cells = np.char.add("what was said about number ", RANDOM.integers(0, 150, ROWS).astype(str))
    assert doubted(note=cells) == []
    assert len(doubted(note=np.char.replace(cells, " ", "-"))) == 1


def test_who_has_thought_of_it_is_not_warned() -> None:
    columns: dict[str, Any] = {"person": np.char.add("p", PERSON.astype(str)), "day": np.arange(ROWS) * 2.0}
    assert len(doubted(**columns)) == 2
    assert doubted({"groups": ["person"]}, **columns) == []
    assert doubted({"time": "day"}, **columns) == []
    assert doubted({"not_by": ["person", "day"]}, **columns) == []
    assert [line[:5] for line in doubted(None, ["person"], **columns)] == [
        "'day'"
    ]  # rows with one id are together
    assert len(doubted(None, ["person", "day"], **columns)) == 2  # those of one person need not be
    assert [line[:5] for line in doubted({"stratify": "person"}, **columns)] == ["'day'"]


@pytest.mark.parametrize("kind", ["dates", "text", "hours", "years", "falling", "with gaps"])
def test_a_column_in_the_order_of_time_is_doubted(kind: str) -> None:
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(ROWS) // 3, unit="D")
    cells: dict[str, Any] = {
        "dates": days,
        "text": days.strftime("%Y-%m-%d"),
        "hours": days.strftime("%Y-%m-%d %H:%M"),
        "years": np.arange(1400.0, 1400 + ROWS),
        "falling": np.arange(ROWS, 0.0, -1) ** 2 // 1000,
        "with gaps": np.where(np.arange(ROWS) % 7, np.arange(ROWS) * 1.0, np.nan),
    }
    (line,) = doubted(day=cells[kind])
    assert line.startswith("'day' is in order from the first row to the last:")


def test_a_column_in_order_that_repeats_may_be_either() -> None:
    (line,) = whole(person=np.sort(RANDOM.choice(60, ROWS, p=np.arange(1, 61) / 1830)) * 1.0)
    assert line.endswith(
        "split.time: person; if it tells persons or the like apart, split.groups: [person]; "
        "if not, split.not_by: [person]"
    )
    (line,) = whole(year=1900.0 + PERSON, seen=RANDOM.permutation(1900.0 + PERSON))  # years are nobody
    assert line.startswith("'year' is in order")


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("day", pd.date_range("2024-01-01", periods=ROWS), "time"),
        ("born", np.linspace(1901.5, 1990.5, ROWS) ** 1.0, "time"),
        ("t", np.arange(ROWS) ** 2.0, "time"),
        ("Time (s)", np.arange(ROWS) ** 2.0, "time"),
        ("start_date", np.arange(ROWS) ** 2.0, "time"),
        ("reading", np.arange(ROWS) * 2.5, "time"),
        ("income", np.arange(ROWS) ** 2.0, "order"),
        ("income", np.sort(RANDOM.integers(1, 25, ROWS)) * 1.0, "order"),
        ("timber", np.arange(ROWS) ** 2.0, "order"),
        ("patient_id", np.sort(RANDOM.integers(0, 90, ROWS)) * 1.0, "person"),
        ("firm", PERSON * 1.0 + 1, "person"),
        ("identifier", np.sort(RANDOM.integers(0, 90, ROWS)) * 1.0, "person"),
    ],
)
def test_what_a_table_is_sorted_by_need_not_be_time(name: str, cells: Any, kind: str) -> None:
    table = make_table(ROWS).drop(columns="code").assign(**{name: cells})
    (doubt,) = doubts(table, Split(test_fraction=0.2, seed=1), [], TARGET)
    assert (doubt.column, doubt.kind) == (name, kind)


@pytest.mark.parametrize("swapped", [(3, 9), (ROWS - 2, ROWS - 1)])
def test_a_column_that_falls_once_is_in_no_order(
    swapped: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "SAMPLE", 100)  # the end is beyond it
    day = np.arange(ROWS) * 2.0
    assert len(doubted(day=day)) == 1
    day[list(swapped)] = day[list(swapped)[::-1]]
    assert doubted(day=day) == []


def test_persons_on_both_sides_flatter_and_groups_do_not(project: Path) -> None:
    """Each person has a level of their own, which features betray and nobody else shares."""
    persons, rows = 60, 10
    level = np.repeat(RANDOM.normal(0, 6, persons), rows)
    mark = np.repeat(RANDOM.normal(0, 6, persons), rows)  # what a model can tell persons by
    width = RANDOM.normal(0, 1, persons * rows)
    table = REGRESSION.table().head(0).reindex(range(persons * rows))
    table = table.assign(person=PERSON.astype(str), width=width, height=mark, colour="red", note="a thing")
    table["weight"] = width + level + RANDOM.normal(0, 1, persons * rows)
    REGRESSION.set_up(project)
    table.drop(columns="code").to_csv("data/raw/table.csv", index=False)
    replace_in(project / "params.yaml", "    id: [code]\n", "")
    replace_in(project / "params.yaml", "min_samples_leaf: 5", "min_samples_leaf: 2")
    params = REGRESSION.module("engine.project").load_params()
    read, types, write = (
        REGRESSION.module(f"engine.table.{name}") for name in ("reading", "types", "validated")
    )
    write.write_validated(types.to_types(read.read_raw(params), params.data), params, {})

    flattering, honest = (_rmse(project, rule) for rule in ("stratify: null", "groups: [person]"))
    naive = table["weight"].std()
    assert flattering < 0.6 * honest
    assert honest > 0.9 * naive  # of a person who is new to it the model knows next to nothing


def _rmse(project: Path, rule: str) -> float:
    text = (project / "params.yaml").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("split:")]
    divided = f"split: {{test_fraction: 0.25, seed: 1, {rule}}}"
    (project / "params.yaml").write_text(text.replace(line, divided), encoding="utf-8")
    params = REGRESSION.module("engine.project").load_params()
    data = REGRESSION.module("engine.split.dataset").Dataset(params)
    model = REGRESSION.module("models").build(params, data.columns)
    train, test = data.train(), data.test()
    assert ("person" in data.columns.features) == ("groups" not in rule)
    model.fit(train.features, train.target)
    judging = REGRESSION.module("engine.judging.prediction")
    rmse: float = judging.measure(judging.predict(model, test.features, test.actual))["rmse"]
    return rmse
