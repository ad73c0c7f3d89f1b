"""The page of a validation: rules in words, each column, what changed, no cell that is to be hidden."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from great_expectations.expectations import core
from great_expectations.expectations.registry import get_expectation_impl
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.table.roles import Role
from penguins.engine.validation import changes
from penguins.engine.validation.page import Checked, page
from penguins.engine.validation.profile import MANY, Profile
from penguins.engine.validation.result import Result
from penguins.engine.validation.words import WORDS, in_words

from tests.engine.conftest import make_table


def words(kind: str, **arguments: Any) -> str:
    return in_words(get_expectation_impl(kind)(**arguments))


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        ("expect_table_row_count_to_be_between", {"min_value": 100}, "at least 100 rows"),
        ("expect_table_row_count_to_be_between", {"min_value": 5, "max_value": 9000}, "from 5 to 9,000 rows"),
        ("expect_table_row_count_to_equal", {"value": 1000}, "exactly 1,000 rows"),
        ("expect_column_values_to_not_be_null", {"mostly": 0.95}, "not missing in at least 95 % of the rows"),
        (
            "expect_column_values_to_be_between",
            {"min_value": 0.5, "max_value": 1, "strict_max": True},
            "at least 0.5 and less than 1",
        ),
        (
            "expect_column_values_to_be_between",
            {"max_value": date(2024, 1, 31), "mostly": 0.9},
            "at most 2024-01-31 in at least 90 % of the values",
        ),
        ("expect_column_values_to_be_in_set", {"value_set": ["a", 1]}, "one of a, 1"),
        ("expect_column_values_to_be_in_set", {"value_set": [*range(30)]}, "18, 19 and 10 more"),
        ("expect_column_values_to_match_regex_list", {"regex_list": ["a", "b"]}, "matches any of a, b"),
        ("expect_column_max_to_be_between", {"max_value": 3}, "greatest value at most 3"),
        ("expect_column_values_to_be_unique", {}, "no value occurs twice"),
        ("expect_column_values_to_be_unique", {"description": "my <own> words"}, "my <own> words"),
        (
            "expect_column_quantile_values_to_be_between",
            {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, None]]}},
            "quantiles: 0.5 at least 1",
        ),
    ],
)
def test_a_rule_is_in_words(kind: str, arguments: dict[str, Any], said: str) -> None:
    column = {} if "table" in kind else {"column": "a"}
    assert said in words(kind, **column, **arguments)


def test_every_core_expectation_has_words_and_another_one_is_readable() -> None:
    kinds = {name.removeprefix("Expect") for name in dir(core) if name.startswith("Expect")}
    assert kinds == WORDS.keys()

    class ExpectColumnToBeNice(core.ExpectColumnValuesToBeUnique):  # type: ignore[misc]
        expectation_type = "expect_column_to_be_nice"
        niceness: int = 0

    assert in_words(ExpectColumnToBeNice(column="a", niceness=3)) == "column to be nice (niceness 3)"


@pytest.mark.parametrize(
    ("column", "distinct", "ends", "bins"),
    [
        (pd.Series([1.0, 2.0, np.nan]), 2, ("1", "2"), 24),
        (pd.Series([0.25, 0.25]), 1, ("0.25", "0.25"), 0),
        (pd.Series([np.nan, np.nan]), 0, ("", ""), 0),
        (pd.Series([-1.7e308, 1.7e308]), 2, ("-1.7e+308", "1.7e+308"), 0),
        (pd.Series([1.0, np.nextafter(1.0, 2.0)]), 2, ("1", "1"), 0),
        (pd.Series(pd.to_datetime(["2020-01-01", "", "2021-01-01"])), 2, ("2020-01-01", "2021-01-01"), 24),
        (pd.Series(["a", "b", None], dtype="str"), 2, ("", ""), 0),
    ],
)
def test_a_column_is_described(column: Any, distinct: int, ends: tuple[str, str], bins: int) -> None:
    profile = Profile.of(column)
    assert (profile.missing, profile.distinct) == (column.isna().sum(), distinct)
    assert (profile.low, profile.high) == ends
    assert len(profile.bins) == bins
    assert sum(profile.bins) in (0, column.notna().sum())


def test_very_many_different_values_are_not_counted() -> None:
    profile = Profile.of(pd.Series(np.arange(300_000.0)))
    assert profile.more
    assert MANY <= profile.distinct < 300_000
    assert sum(profile.bins) == 100_000
    few = Profile.of(pd.Series(np.arange(300_000.0) % 7))
    assert (few.distinct, few.more) == (7, False)


def profiles(table: pd.DataFrame) -> dict[str, Profile]:
    return {str(name): Profile.of(table[name]) for name in table}


def changed(was: pd.DataFrame, now: pd.DataFrame, values: bool = True) -> dict[str, list[str]]:
    first = changes.to_keep({}, "first", profiles(was))
    assert first[changes.BEFORE] is None
    second = changes.to_keep(first, "second", profiles(now))
    again = changes.to_keep(json.loads(json.dumps(second)), "second", profiles(now))
    assert again == second, "validated again, the same data are compared with the same"
    return changes.changes(second[changes.BEFORE], profiles(now), values)


def test_what_changed_is_named() -> None:
    was = pd.DataFrame({"size": [1.0, 2.0, 3.0], "colour": ["red", "blue", "red"], "old": 1.0, "other": 2.0})
    now = pd.DataFrame(
        {"size": [1.0, 9.0, np.nan], "colour": ["red", "pink", "red"], "new": 1.0, "other": 2.0}
    )
    assert changed(was, now) == {
        "new": ["is new"],
        "size": ["missing: 0 % → 33.3 %", "another range: now 1 to 9"],
        "colour": ["a new category in 1 row: pink", "a category is gone"],
        "old": ["is gone"],
    }
    told = changed(was, now, values=False)
    assert "pink" not in str(told)
    assert "9" not in str(told["size"][1])
    assert changed(was, was) == {}


def test_what_is_kept_for_a_comparison_has_no_value_of_the_data() -> None:
    table = pd.DataFrame({"name": ["Ms Secret", "Mr Hidden"] * 9, "age": [91.25, 34.5] * 9})
    kept = json.dumps(changes.to_keep({}, "md5", profiles(table)))
    assert not re.search(r"Secret|Hidden|91\.25|34\.5", kept)


@pytest.mark.parametrize("text", [None, "", "[]", "not JSON", '{"described": 1}', '{"rows": 3}'])
def test_a_file_of_an_older_engine_is_nothing_to_compare_with(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "validation.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert changes.to_keep(changes.last(file), "md5", {})[changes.BEFORE] is None


def checked(**changed: Any) -> Checked:
    table = pd.DataFrame({"<b>age</b>": [1.0, 5.0], "name": ["<i>Ada</i>", "<i>Ada</i>"]})
    roles = [Role("<b>age</b>", "numeric"), Role("name", "categorical", "2 different", "a doubt: <do> this")]
    values: dict[str, Any] = {"roles": roles, "profiles": profiles(table), "results": [], **changed}
    return Checked("data/a&b.csv", "0123abcd", **values)


def failure(severity: str, number: int = 1) -> Result:
    rows = [*range(2, 2 + number)]
    return Result(f"rule of {severity}", "name", severity, False, number, 100, rows, ["<u>x</u>"] * number)


@pytest.mark.parametrize(
    ("severities", "said"),
    [
        ([], "0 of 0 expectations hold; 1 column in doubt."),
        (["info"], "0 of 1 expectations hold; 1 column in doubt."),
        (["warning", "info"], "The pipeline goes on, with 1 warning. 0 of 2 expectations hold"),
        (
            ["warning", "critical", "critical"],
            "This data stops the pipeline: 2 critical rules failed.",
        ),
    ],
)
def test_the_verdict_is_a_sentence_and_what_is_worst_comes_first(severities: list[str], said: str) -> None:
    text = page(checked(results=[failure(severity) for severity in severities]), True)
    assert said in text
    if "critical" in severities:
        assert text.index("rule of critical") < text.index("rule of warning")


def test_whatever_stands_in_the_data_is_text_and_is_hidden_if_it_is_to_be() -> None:
    results = [failure("warning", 20) for _ in range(50)]
    shown, hidden = page(checked(results=results), True), page(checked(results=results), False)
    assert not re.search(r"<[biu]>|<do>|<script", shown)
    assert "row 2: <code>&lt;u&gt;x&lt;/u&gt;</code>" in shown
    assert "&lt;i&gt;Ada&lt;/i&gt;" in shown
    assert "1 to 5" in shown
    assert not re.search("Ada|&lt;u&gt;|1 to 5", hidden)
    assert "rows 2, 3" in hidden
    assert "a doubt: &lt;do&gt; this" in hidden


def test_two_thousand_columns_and_one_of_very_long_texts_make_a_page() -> None:
    wide = pd.DataFrame({f"column {number}": [1.0, np.nan, float(number)] for number in range(2000)})
    roles = [Role(str(name), "numeric") for name in wide]
    text = page(checked(roles=roles, profiles=profiles(wide)), True)
    assert text.count("<svg") == 1999  # of column 1, both numbers are the same
    long = pd.DataFrame({"text": ["x" * 100_000, "x" * 100_000]})
    assert len(page(checked(roles=[Role("text", "categorical")], profiles=profiles(long)), True)) < 20_000


def test_the_same_data_have_the_same_page_and_the_doubts_are_named_when_they_fail(project: Path) -> None:
    stage.run("validate")
    first, made = paths.VALIDATION_PAGE.read_bytes(), paths.VALIDATION.read_bytes()
    stage.run("validate")
    assert (paths.VALIDATION_PAGE.read_bytes(), paths.VALIDATION.read_bytes()) == (first, made)
    assert "Changed since" not in first.decode()

    odd = make_table().assign(person_id=range(1000, 1120))
    odd.loc[3, "colour"] = "pink"
    odd.to_csv("data/raw/table.csv", index=False)
    stage.run("validate")
    changed = paths.VALIDATION_PAGE.read_text(encoding="utf-8")
    assert "a new category in 1 row: pink" in changed
    assert "of 120 rows: as many rows; 2 columns changed." in changed
    stage.run("validate")
    assert paths.VALIDATION_PAGE.read_text(encoding="utf-8") == changed

    odd.loc[3, "width"] = -1.0
    odd.to_csv("data/raw/table.csv", index=False)
    with pytest.raises(
        UserError, match=r"width: at least 0: row 5\ndoubt 1: person_id \(drop\): it names rows"
    ):
        stage.run("validate")
    params = paths.PARAMS.read_text(encoding="utf-8")
    grouped = params.replace("stratify: colour", "stratify: null, groups: [person_id]")
    paths.PARAMS.write_text(grouped, encoding="utf-8")
    with pytest.raises(UserError, match=r"width: at least 0: row 5$"):
        stage.run("validate")
    failed = paths.VALIDATION_FAILED_PAGE.read_text(encoding="utf-8")
    assert "groups <small>split.groups names it</small>" in failed
    assert re.search(r"<dt>checked<dd>\d{4}-\d\d-\d\d \d\d:\d\d<dt>run<dd>[0-9a-f]{32}", failed)
