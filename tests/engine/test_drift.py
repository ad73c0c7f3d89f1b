"""The measures of drift: right values, by hand or by simulation, and what is made of them."""

import json
import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.blocks.checking import validated
from penguins.engine.drift.before import comparable
from penguins.engine.drift.bins import labels
from penguins.engine.drift.column import FEATURE, PREDICTION, TARGET, Before, Compared
from penguins.engine.drift.comparison import compare, verdict_of
from penguins.engine.drift.counting import Counts
from penguins.engine.drift.measures import beyond_chance, psi, unseen
from penguins.engine.drift.page import page
from penguins.engine.drift.predictions import columns_of, describe
from penguins.engine.drift.reference import (
    REMEMBERED,
    SAMPLE,
    Reference,
    of_categories,
    of_dates,
    of_labels,
    of_numbers,
    of_probabilities,
    of_texts,
)
from penguins.engine.drift.result import Result
from penguins.engine.params import Drift

RULES = Drift()


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def column(
    values: Any, role: str = "numeric", kind: str = FEATURE, name: str = "x", moves_on: bool = False
) -> Before:
    """Describe a column of training rows."""
    series = pd.Series(values)
    if role == "numeric":
        reference = of_numbers(series.to_numpy("float64"))
    elif role == "date":
        reference = of_dates(series)
    elif role == "text":
        reference = of_texts(series)
    else:
        reference = of_categories(series.value_counts())
    # as MLflow keeps it
    kept = Reference(**json.loads(json.dumps(reference.to_dict(), allow_nan=False))) if reference else None
    return Before(name, kind, role, len(series), int(series.isna().sum()), kept, moves_on=moves_on)


def count(before: Before, *parts: "pd.Series[Any]") -> Counts:
    """Count new rows."""
    counts = Counts(before.reference)
    for values in parts:
        counts.add(comparable(values, before))
    return counts


def compared(before: Before, *new: Any, rules: Drift = RULES) -> Compared:
    (result,) = compare([(before, count(before, *map(pd.Series, new)))], rules)
    return result


def test_the_psi_is_that_of_a_calculation_by_hand() -> None:
    """The shares .2 .3 .5 become .3 .3 .4: .1 ln 1.5 + 0 - .1 ln .8."""
    by_hand = 0.1 * math.log(1.5) - 0.1 * math.log(0.8)
    assert psi([20, 30, 50], [30, 30, 40]) == pytest.approx(by_hand) == pytest.approx(0.0628609, abs=1e-7)
    assert psi([200, 300, 500], [3, 3, 4]) == pytest.approx(by_hand)  # a matter of shares only
    assert psi([3, 3, 4], [20, 30, 50]) == pytest.approx(by_hand)  # and the same from either side


def test_an_empty_bin_counts_as_half_a_row_and_one_that_both_lack_as_nothing() -> None:
    by_hand = (0.5 - 1) * math.log(0.5) + (0.5 - 0.005) * math.log(0.5 / 0.005)
    assert psi([100, 0], [50, 50]) == pytest.approx(by_hand)
    assert psi([100, 0, 0], [50, 50, 0]) == pytest.approx(by_hand)
    assert psi([100, 0], [200, 0]) == 0.0
    assert math.isnan(psi([0, 0], [1, 2]))
    assert math.isnan(psi([1, 2], [0, 0]))


def test_what_chance_makes_is_a_quantile_of_a_chi_square() -> None:
    ten, other = [100] * 10, [10] * 10
    # 21.666 is the 0.99 quantile of 9 degrees of freedom, 6.635 of one
    assert beyond_chance(ten, other, 0.01) == pytest.approx(21.666 * 0.011, rel=0.01)
    assert beyond_chance([10, 90], [1, 9], 0.01) == pytest.approx(6.635 * (1 / 100 + 1 / 10), rel=0.02)
    assert beyond_chance([100, 0], [10, 0], 0.01) == 0.0


@pytest.mark.parametrize("shares", [[1] * 10, [1 / k for k in range(1, 21)], [0.99, 0.01]])
@pytest.mark.parametrize(("old", "new"), [(275, 20), (1000, 30), (1000, 200), (100_000, 1000)])
def test_chance_alone_is_hardly_ever_beyond_it(shares: list[float], old: int, new: int) -> None:
    """Of 2,000 looks at rows of one distribution, one in a hundred may be: the limit is rough for so few."""
    random, p = np.random.default_rng(3), np.array(shares) / sum(shares)
    sides = zip(random.multinomial(old, p, 2000), random.multinomial(new, p, 2000), strict=True)
    measured = [(psi(was, now), beyond_chance(was, now, 0.01)) for was, now in sides]
    assert np.mean([value > limit for value, limit in measured]) < 0.03
    if min(old, new) * p.min() >= 10:  # rows in each bin; then the mean is that of the limit, too
        mean = (len(shares) - 1) * (1 / old + 1 / new)
        assert np.mean([value for value, _ in measured]) == pytest.approx(mean, rel=0.15)


def test_the_unseen_are_as_many_as_those_seen_once() -> None:
    """Good and Turing, tried on names as frequent as words are."""
    random, p = np.random.default_rng(1), 1 / np.arange(1, 5001)
    names = random.choice(5000, 4000, p=p / p.sum())
    old, new = pd.Series(names[:2000]).value_counts(), names[2000:]
    share = np.mean(~np.isin(new, old.index))
    assert share == pytest.approx(unseen(int((old == 1).sum()), 2000), abs=0.02)
    assert share > 0.1
    assert unseen(0, 0) == 0.0


def test_numbers_have_bins_of_about_as_many_rows(random: np.random.Generator) -> None:
    reference = of_numbers(np.arange(1000.0))
    assert reference is not None
    assert reference.counts == [100] * 10
    assert reference.edges == [99, 199, 299, 399, 499, 599, 699, 799, 899]
    many = of_numbers(random.normal(size=3 * SAMPLE))
    assert many is not None
    assert many.rows == SAMPLE
    assert many.edges == pytest.approx([-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28], abs=0.03)


def test_few_numbers_have_a_bin_each_unless_others_are_to_be_expected() -> None:
    rooms = of_numbers(np.array([1.0, 2, 2, 3, np.nan] * 100))
    assert rooms == Reference([100, 200, 100, 0], values=[1, 2, 3])
    once = of_numbers(np.array([0.3, 0.1, 0.2]))
    assert once is not None
    assert once.edges == [0.1, 0.2, 0.3]
    assert once.counts == [1, 1, 1, 0]
    constant = of_numbers(np.full(50, 7.5))
    assert constant == Reference([50, 0], values=[7.5])
    assert of_numbers(np.array([np.nan, np.nan])) is None


def test_categories_have_bins_and_the_rest_is_known_again() -> None:
    counts = pd.Series({"often": 50, **{f"n{number}": 2 for number in range(40)}, "once": 1, "l" * 300: 90})
    reference = of_categories(counts)
    assert reference is not None
    assert reference.values is not None
    assert reference.values[0] == "often"
    assert sum(reference.counts) == counts.sum()
    assert (len(reference.values), reference.once) == (19, 1)  # the longest has none
    now = count(column([], "categorical"), pd.Series(["often"]))
    assert now.new_rows == 0
    before = Before("x", FEATURE, "categorical", 221, 0, reference)
    now = count(before, pd.Series(["often", "n39", "once", "l" * 300, "never", "never", None]))
    assert dict(now.new) == {"never": 2}
    assert now.bins.tolist() == [1, *[0] * 18, 5]
    many = of_categories(pd.Series({f"n{number}": 1 for number in range(REMEMBERED + 50)}))
    assert many is not None
    assert many.others is None
    assert compared(Before("x", FEATURE, "categorical", 9, 0, many), ["new"] * 99).new is None


def test_a_class_without_a_row_is_no_new_one() -> None:
    reference = of_labels(pd.Series(["a"] * 60 + ["b"] * 40), ["a", "b", "c"])
    now = compared(Before("y", TARGET, TARGET, 100, 0, reference), ["a"] * 60 + ["b"] * 34 + ["c"] * 6)
    assert now.new == 0
    assert now.counts.bins.tolist() == [60, 34, 6, 0]
    assert now.verdict == "stable"


def test_what_stays_the_same_is_stable_whatever_it_is(random: np.random.Generator) -> None:
    days = pd.Series(pd.date_range("2020-01-01", periods=400))
    names = pd.Series(random.choice(["a", "b", "c", ""], 400)).astype("str").replace("", None)
    sentences = pd.Series(["word " * length for length in random.integers(1, 40, 400)])
    for values, role in [
        (random.normal(size=400), "numeric"),
        (random.integers(0, 5, 400).astype(float), "numeric"),
        (np.full(400, 3.0), "numeric"),
        (np.full(400, np.nan), "numeric"),
        (np.where(random.random(400) < 0.9, 0.0, random.random(400)), "numeric"),
        (days, "date"),
        (names, "categorical"),
        (sentences, "text"),
    ]:
        now = compared(column(values, role), values)
        assert (now.verdict, now.reasons) == ("stable", ()), role
        assert not now.psi


def test_a_shift_is_found_and_a_large_sample_alone_is_none(random: np.random.Generator) -> None:
    before = column(random.normal(size=50_000))
    assert compared(before, random.normal(size=1_000_000)).verdict == "stable"
    tiny = compared(before, random.normal(0.05, size=1_000_000))  # any test would find it
    assert (tiny.verdict, tiny.psi > tiny.chance) == ("stable", True)
    assert compared(before, random.normal(0.4, size=20_000)).verdict == "warning"
    far = compared(before, random.normal(1, size=2_000))
    assert (far.verdict, far.reasons) == ("drift", ("PSI",))
    assert far.psi == pytest.approx(0.93, abs=0.1)  # of two normal distributions it would be 1, without bins


def test_so_few_rows_prove_nothing(random: np.random.Generator) -> None:
    before = column(random.normal(size=1000))
    few = compared(before, [0.1, 0.2, 0.3, 0.4])
    assert few.psi is not None
    assert few.psi > 0.25
    assert (few.verdict, few.reasons) == ("too few rows", ("PSI",))
    verdicts = [compared(before, random.normal(size=20)).verdict for _ in range(200)]
    assert verdicts.count("drift") + verdicts.count("warning") <= 4  # two are to be expected
    assert verdicts.count("too few rows") > 50
    assert compared(before, random.normal(3, size=40)).verdict == "drift"
    # one of ten is missing, where one of a thousand was
    gap = compared(column([np.nan, *random.normal(size=999)]), [np.nan, *random.normal(size=8)])
    assert gap.verdict == "too few rows"
    assert "missing" in gap.reasons


@pytest.mark.parametrize(
    ("was", "now", "verdict"),
    [
        ([5.0] * 100, [5.0] * 80, "stable"),
        ([5.0] * 100, [5.0] * 70 + [6.0] * 10, "drift"),
        ([5.0] * 100, [np.nan] * 80, "drift"),
        ([np.nan] * 100, [5.0] * 80, "drift"),
        ([np.nan] * 100, [np.nan] * 80, "stable"),
        ([1.0, 2.0, 3.0] * 100, [1.0, 2.0, 3.0] * 30 + [4.0] * 50, "drift"),
        ([0.1, 0.2] * 100, np.array([0.1, 0.2] * 100, dtype="float32"), "stable"),
        ([1.0, np.nan] * 100, [1.0, np.nan, np.nan] * 50, "drift"),
    ],
    ids=[
        "constant",
        "no longer constant",
        "now empty",
        "no longer empty",
        "empty",
        "another number",
        "32 bits",
        "gaps",
    ],
)
def test_columns_that_have_little_in_them(was: Sequence[float], now: Sequence[float], verdict: str) -> None:
    assert compared(column(was), now).verdict == verdict


def test_a_category_that_is_new_is_drift_unless_there_always_are(random: np.random.Generator) -> None:
    colours = column(["red", "green"] * 200, "categorical")
    now = compared(colours, ["red", "green"] * 45 + ["pink"] * 10)
    assert (now.verdict, "new" in now.reasons, now.new) == ("drift", True, 0.1)
    assert "pink" in json.dumps(now.to_dict(names=True))
    assert "pink" not in json.dumps(now.to_dict(names=False))
    p = 1 / np.arange(1, 2001)
    streets = [f"street {number}" for number in random.choice(2000, 1600, p=p / p.sum())]
    now = compared(column(streets[:800], "categorical"), streets[800:])
    assert now.new is not None
    assert now.new > 0.1
    assert now.verdict == "stable"


def test_dates_move_on_and_decide_nothing_unless_they_are_gone() -> None:
    days = pd.Series(pd.date_range("2020-01-01", periods=400))
    before = column(days, "date", moves_on=True)
    assert before.reference is not None
    assert before.reference.edges is not None
    assert before.reference.edges[0] == "2020-02-09T00:00:00.000000"
    later = compared(before, days + pd.Timedelta(days=400))
    assert later.psi is not None
    assert later.psi > 1
    assert later.verdict == "stable"
    assert compared(before, pd.Series([pd.NaT] * 300)).verdict == "drift"


def test_the_target_may_come_later_and_what_is_ignored_decides_nothing(random: np.random.Generator) -> None:
    values = random.normal(size=500)
    target = column(values, kind=TARGET, name="y")
    assert compared(target, [*values[:200], *[np.nan] * 300]).verdict == "stable"
    feature, prediction = column(values), column(values, kind=PREDICTION)
    rules = Drift(ignore=["x"])
    far = values + 3
    both = compare(
        [(feature, count(feature, pd.Series(far))), (target, count(target, pd.Series(values)))], rules
    )
    assert [c.before.name for c in both] == ["y", "x"]
    assert (both[1].verdict, both[1].decides) == ("drift", False)
    assert verdict_of(both) == "stable"
    assert verdict_of([compared(prediction, far, rules=rules)]) == "drift"  # it only has the same name


def test_of_more_columns_each_has_to_be_further_than_by_chance(random: np.random.Generator) -> None:
    before = column(random.normal(size=1000))
    now = count(before, pd.Series(random.normal(size=200)))
    one, *_ = compare([(before, now)], RULES)
    many = compare([(before, now)] * 100, RULES)
    assert before.reference is not None
    assert {column.chance for column in many} == {beyond_chance(before.reference.counts, now.bins, 0.0001)}
    assert one.chance == beyond_chance(before.reference.counts, now.bins, 0.01) < many[0].chance


def test_each_rule_can_be_switched_off(random: np.random.Generator) -> None:
    values = np.array([*random.normal(size=300), *[np.nan] * 10])
    shifted = np.array([*values[:150] + 3, *[np.nan] * 150])
    off = Drift(psi_alert=None, psi_warning=None, missing=None, new_categories=None)
    assert compared(column(values), shifted).reasons == ("PSI", "missing")
    assert compared(column(values), shifted, rules=off).verdict == "stable"
    names = column(["a"] * 100, "categorical")
    off = Drift(psi_alert=None, psi_warning=None)
    assert compared(names, ["b"] * 100, rules=off).reasons == ("new",)


def test_parts_of_a_file_add_up_to_the_whole(random: np.random.Generator) -> None:
    for values, role in (
        (random.normal(size=900), "numeric"),
        (random.choice(["a", "b", "c"], 900), "categorical"),
        (pd.date_range("2020", periods=900).to_numpy(), "date"),
    ):
        before, new = column(values[:300], role), pd.Series(values[300:])
        whole, parts = count(before, new), count(before, new[:100], new[100:101], new[101:])
        assert whole.bins.tolist() == parts.bins.tolist()
        assert (whole.rows, whole.missing, whole.new) == (parts.rows, parts.missing, parts.new)


def test_of_two_classes_one_probability_says_it_all() -> None:
    predictions = pd.DataFrame({"actual": ["a"] * 3, "predicted": ["a", "a", "a"]})
    two = predictions.assign(probability_a=[0.9, 0.8, 0.7], probability_b=[0.1, 0.2, 0.3])
    assert list(columns_of(two)) == ["predicted", "probability_b"]
    assert list(columns_of(two.assign(probability_c=0.0))) == [
        "predicted", "probability_a", "probability_b", "probability_c",
    ]  # fmt: skip
    described = describe(two)
    assert described["rows"] == 3
    assert described["columns"]["predicted"]["values"] == [
        "a",
        "b",
    ]  # a label that it may predict is no new one
    assert list(columns_of(pd.DataFrame({"predicted": [1.5]}))) == ["predicted"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"psi_alert": 0}, "psi_alert: input should be greater than 0"),
        ({"missing": 1.5}, "missing: input should be less than or equal to 1"),
        ({"psi_warning": 0.5}, "psi_warning 0.5 is greater than psi_alert 0.25"),
        ({"psi": 0.2}, "psi: unknown key; allowed: psi_warning, psi_alert"),
    ],
)
def test_a_mistake_in_the_block_is_one_line(project: Any, block: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        validated(Drift, block, ("drift",))


def test_a_category_is_the_same_however_a_number_is_spelled() -> None:
    ones = column(["1", "2"] * 50, "categorical")
    assert compared(ones, ["1.0", "2"] * 50).psi == 0.0
    assert compared(ones, ["1.0", "2"] * 50).new == 0.0
    both = column(["1", "1.0"] * 50, "categorical")
    now = compared(both, ["1", "1.00"] * 50)
    assert (now.counts.bins.tolist(), now.new) == ([50, 0, 50], 0.5)


def test_the_page_has_each_distribution_in_words_and_loads_nothing() -> None:
    numbers = column(np.arange(1000.0) / 7, name="<b>size</b>")
    letters = column(["a&b", "c"] * 50, "categorical", name="letter")
    empty = column([np.nan] * 9, name="empty")
    near = column(1e6 + np.arange(100) / 1000, name="near")
    before = [numbers, letters, empty, near]
    new = [np.arange(500.0) / 7, ["c"] * 50 + ["<i>new</i>"] * 50, [1.0], 1e6 + np.arange(100) / 1000]
    compared = compare(
        [(was, count(was, pd.Series(now))) for was, now in zip(before, new, strict=True)], RULES
    )
    result = Result(Path("new & old.csv"), 500, "a version", 1000, compared, RULES, {"a note": "<of it>"})
    text = page(result, True, datetime(2026, 1, 31, 12, 0))
    assert not re.search(r"src=|@import|url\(|<script|<b>|<i>|href=\"[^#]", text)
    assert "new &amp; old.csv: 2 of 4 columns drifted" in text
    assert all(
        piece in text for piece in ("a&amp;b", "&lt;i&gt;new&lt;/i&gt;", "&lt;of it&gt;", "all others")
    )
    assert "&lt;i&gt;" not in page(result, False, datetime(2026, 1, 31))
    assert labels(Reference([1, 1, 1], edges=[1.5, 2.25])) == ["up to 1.5", "1.5 to 2.25", "above 2.25"]
    assert labels(Reference([1, 1, 1], edges=[1e6 + 0.25, 1e6 + 0.5]))[1] == "1000000.2 to 1000000.5"
    assert labels(Reference([1, 1, 0], values=[0.12341, 0.12342])) == ["0.12341", "0.12342", "all others"]
    dates = of_dates(pd.Series(pd.date_range("2020-01-01", periods=3)))
    assert dates is not None
    assert labels(dates)[0] == "up to 2020-01-01"


def test_probabilities_have_bins_of_whole_percents() -> None:
    """A model that is sure of itself says 1e-7 for one row and 1e-5 for another, and means the same."""
    sure = np.array([1e-7, 1e-6, 1e-5, 1 - 1e-6] * 50)
    reference = of_probabilities(sure)
    assert reference == Reference([150, 0, 50], edges=[0.01, 0.99])
    before = Before("probability_a", PREDICTION, PREDICTION, 200, 0, reference)
    assert compared(before, sure**2).psi == 0.0
    spread = of_probabilities(np.linspace(0, 1, 1001))
    assert spread is not None
    assert spread.edges == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert of_probabilities(np.array([np.nan])) is None
