"""An expectation in words, as a person would say the rule: at least 100 rows.

Every type of Great Expectations' core has its words; another one is written by its name and its arguments.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from .view import COLUMNS

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

LISTED = 20  # values of a set
Arguments = Mapping[str, Any]


def in_words(rule: "Expectation") -> str:
    """Write a rule without the name of its column; as its description says, if it has one."""
    if description := getattr(rule, "description", None):
        return str(description)
    kind = type(rule).__name__.removeprefix("Expect")
    given = {name: getattr(rule, name) for name in rule.__fields__}
    words = WORDS[kind](given) if kind in WORDS else _by_name(rule)
    return words + _mostly(kind, given.get("mostly")) + _where(given.get("row_condition"))


def _mostly(kind: str, share: Any) -> str:
    if not isinstance(share, int | float) or share >= 1:
        return ""
    of = "rows" if "Null" in kind or "olumn" not in kind[:6] or "Pair" in kind else "values"
    return f" in at least {100 * share:.6g} % of the {of}"


def _where(condition: Any) -> str:
    return f", where {condition}" if condition else ""


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.15g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _list(values: Any, last: str = ", ") -> str:
    """List values; of a great many, the first ones."""
    texts = [value if isinstance(value, str) else _value(value) for value in values or []]
    if len(texts) > LISTED:
        return f"{', '.join(texts[:LISTED])} and {len(texts) - LISTED} more"
    return last.join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _between(given: Arguments) -> str:
    """Write a range: from 1 to 2, at least 1, more than 1."""
    low, high = given.get("min_value"), given.get("max_value")
    above, below = given.get("strict_min"), given.get("strict_max")
    if low is not None and low == high:
        return f"exactly {_value(low)}"
    if low is not None and high is not None and not above and not below:
        return f"from {_value(low)} to {_value(high)}"
    parts = [] if low is None else [f"{'more than' if above else 'at least'} {_value(low)}"]
    parts += [] if high is None else [f"{'less than' if below else 'at most'} {_value(high)}"]
    return " and ".join(parts) or "any"


def _range(form: str) -> Callable[[Arguments], str]:
    return lambda given: form.format(_between(given))


def _set(form: str, name: str = "value_set") -> Callable[[Arguments], str]:
    return lambda given: form.format(_list(given.get(name)))


def _plain(text: str) -> Callable[[Arguments], str]:
    return lambda given: text


def _pattern(form: str, name: str) -> Callable[[Arguments], str]:
    def words(given: Arguments) -> str:
        patterns = given.get(name) or ""
        several = isinstance(patterns, list | tuple)
        any_of = ("all of " if given.get("match_on") == "all" else "any of ") if several else ""
        return form.format(f"{any_of}{', '.join(map(str, patterns)) if several else patterns}")

    return words


def _order(word: str) -> Callable[[Arguments], str]:
    return lambda given: f"{'strictly ' if given.get('strictly') else ''}{word} from row to row"


def _greater(given: Arguments) -> str:
    than = "at least" if given.get("or_equal") else "greater than"
    return f"{given['column_A']} is {than} {given['column_B']}"


def _pairs(given: Arguments) -> str:
    pairs = [f"({_list(pair)})" for pair in given.get("value_pairs_set") or []]
    return f"{given['column_A']} and {given['column_B']} are one of the pairs {_list(pairs)}"


def _quantiles(given: Arguments) -> str:
    ranges = given.get("quantile_ranges")
    content = ranges if isinstance(ranges, dict) else vars(ranges)
    pairs = zip(content["quantiles"], content["value_ranges"], strict=True)
    bounds = [f"{share} {_between({'min_value': low, 'max_value': high})}" for share, (low, high) in pairs]
    return f"quantiles: {'; '.join(bounds)}"


def _spread(given: Arguments) -> str:
    side = "from" if given.get("double_sided", True) else "above"
    return f"less than {_value(given.get('threshold'))} standard deviations {side} the mean"


def _columns(given: Arguments) -> str:
    others = " and no others" if given.get("exact_match") is not False else ""
    return f"has the columns {_list(given.get('column_set'))}{others}"


def _by_name(rule: "Expectation") -> str:
    """Write an expectation by its name and the arguments that were given."""
    skipped = {*COLUMNS, "severity", "meta", "notes", "description", "mostly", "row_condition"}
    names = [name for name in rule.__fields__ if name in rule.__fields_set__ - skipped]
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(rule).__name__.removeprefix("Expect")).lower()
    given = ", ".join(f"{key.replace('_', ' ')} {getattr(rule, key)}" for key in names)
    return f"{name} ({given})" if given else name


WORDS: dict[str, Callable[[Arguments], str]] = {
    "ColumnDistinctValuesToBeInSet": _set("no value but {}"),
    "ColumnDistinctValuesToContainSet": _set("has each of {}"),
    "ColumnDistinctValuesToEqualSet": _set("has each of {}, and no other value"),
    "ColumnKLDivergenceToBeLessThan": lambda given: (
        f"distributed as expected (Kullback-Leibler divergence less than {_value(given.get('threshold'))})"
    ),
    "ColumnMaxToBeBetween": _range("greatest value {}"),
    "ColumnMeanToBeBetween": _range("mean {}"),
    "ColumnMedianToBeBetween": _range("median {}"),
    "ColumnMinToBeBetween": _range("least value {}"),
    "ColumnMostCommonValueToBeInSet": _set("most common value is one of {}"),
    "ColumnPairValuesAToBeGreaterThanB": _greater,
    "ColumnPairValuesToBeEqual": lambda given: f"{given['column_A']} equals {given['column_B']}",
    "ColumnPairValuesToBeInSet": _pairs,
    "ColumnProportionOfNonNullValuesToBeBetween": _range("share of cells that hold something {}"),
    "ColumnProportionOfUniqueValuesToBeBetween": _range("share of different values {}"),
    "ColumnQuantileValuesToBeBetween": _quantiles,
    "ColumnStdevToBeBetween": _range("standard deviation {}"),
    "ColumnSumToBeBetween": _range("sum {}"),
    "ColumnToExist": _plain("there is such a column"),
    "ColumnTypeToBe": lambda given: f"of type {given.get('type_')}",
    "ColumnUniqueValueCountToBeBetween": _range("{} different values"),
    "ColumnValueLengthsToBeBetween": _range("{} characters"),
    "ColumnValueLengthsToEqual": lambda given: f"exactly {_value(given.get('value'))} characters",
    "ColumnValueZScoresToBeLessThan": _spread,
    "ColumnValuesToBeBetween": _range("{}"),
    "ColumnValuesToBeDateutilParseable": _plain("a date"),
    "ColumnValuesToBeDecreasing": _order("decreasing"),
    "ColumnValuesToBeInSet": _set("one of {}"),
    "ColumnValuesToBeInTypeList": _set("of one of the types {}", "type_list"),
    "ColumnValuesToBeIncreasing": _order("increasing"),
    "ColumnValuesToBeJsonParseable": _plain("JSON"),
    "ColumnValuesToBeNull": _plain("missing"),
    "ColumnValuesToBeOfType": lambda given: f"of type {given.get('type_')}",
    "ColumnValuesToBeUnique": _plain("no value occurs twice"),
    "ColumnValuesToMatchJsonSchema": _plain("JSON that meets the schema"),
    "ColumnValuesToMatchLikePattern": _pattern("is like {}", "like_pattern"),
    "ColumnValuesToMatchLikePatternList": _pattern("is like {}", "like_pattern_list"),
    "ColumnValuesToMatchRegex": _pattern("matches {}", "regex"),
    "ColumnValuesToMatchRegexList": _pattern("matches {}", "regex_list"),
    "ColumnValuesToMatchStrftimeFormat": lambda given: f"a date written as {given.get('strftime_format')}",
    "ColumnValuesToNotBeInSet": _set("none of {}"),
    "ColumnValuesToNotBeNull": _plain("not missing"),
    "ColumnValuesToNotBeOutliers": lambda given: f"no outlier (by {given.get('method')})",
    "ColumnValuesToNotMatchLikePattern": _pattern("is not like {}", "like_pattern"),
    "ColumnValuesToNotMatchLikePatternList": _pattern("is not like {}", "like_pattern_list"),
    "ColumnValuesToNotMatchRegex": _pattern("does not match {}", "regex"),
    "ColumnValuesToNotMatchRegexList": _pattern("does not match {}", "regex_list"),
    "CompoundColumnsToBeUnique": _plain("no combination of their values occurs twice"),
    "MulticolumnSumToEqual": lambda given: f"their sum is {_value(given.get('sum_total'))}",
    "MulticolumnValuesToBeEqual": _plain("their values are equal in each row"),
    "MulticolumnValuesToBeUnique": _plain("their values differ in each row"),
    "QueryResultsToMatchComparison": _plain("the query returns what the other one does"),
    "SelectColumnValuesToBeUniqueWithinRecord": _plain("their values differ in each row"),
    "TableColumnCountToBeBetween": _range("{} columns"),
    "TableColumnCountToEqual": lambda given: f"exactly {_value(given.get('value'))} columns",
    "TableColumnsToMatchOrderedList": _set("has the columns {}, in this order", "column_list"),
    "TableColumnsToMatchSet": _columns,
    "TableRowCountToBeBetween": _range("{} rows"),
    "TableRowCountToEqual": lambda given: f"exactly {_value(given.get('value'))} rows",
    "TableRowCountToEqualOtherTable": lambda given: f"as many rows as {given.get('other_table_name')}",
}
