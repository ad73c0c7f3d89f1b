"""An expectation in words, as a person would state the rule: at least 100 rows.

Every type of Great Expectations' core has its words; another one is written by its name and its arguments.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .phrases import (
    Arguments,
    columns,
    greater,
    in_range,
    of_set,
    order,
    pairs,
    pattern,
    plain,
    quantiles,
    shown,
    spread,
)
from .view import COLUMNS

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


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


def _by_name(rule: "Expectation") -> str:
    """Write an expectation by its name and the arguments that were given."""
    skipped = {*COLUMNS, "severity", "meta", "notes", "description", "mostly", "row_condition"}
    names = [name for name in rule.__fields__ if name in rule.__fields_set__ - skipped]
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(rule).__name__.removeprefix("Expect")).lower()
    given = ", ".join(f"{key.replace('_', ' ')} {getattr(rule, key)}" for key in names)
    return f"{name} ({given})" if given else name


WORDS: dict[str, Callable[[Arguments], str]] = {
    "ColumnDistinctValuesToBeInSet": of_set("no value but {}"),
    "ColumnDistinctValuesToContainSet": of_set("has each of {}"),
    "ColumnDistinctValuesToEqualSet": of_set("has each of {}, and no other value"),
    "ColumnKLDivergenceToBeLessThan": lambda given: (
        f"distributed as expected (Kullback-Leibler divergence less than {shown(given.get('threshold'))})"
    ),
    "ColumnMaxToBeBetween": in_range("greatest value {}"),
    "ColumnMeanToBeBetween": in_range("mean {}"),
    "ColumnMedianToBeBetween": in_range("median {}"),
    "ColumnMinToBeBetween": in_range("least value {}"),
    "ColumnMostCommonValueToBeInSet": of_set("most common value is one of {}"),
    "ColumnPairValuesAToBeGreaterThanB": greater,
    "ColumnPairValuesToBeEqual": lambda given: f"{given['column_A']} equals {given['column_B']}",
    "ColumnPairValuesToBeInSet": pairs,
    "ColumnProportionOfNonNullValuesToBeBetween": in_range("share of cells that hold something {}"),
    "ColumnProportionOfUniqueValuesToBeBetween": in_range("share of different values {}"),
    "ColumnQuantileValuesToBeBetween": quantiles,
    "ColumnStdevToBeBetween": in_range("standard deviation {}"),
    "ColumnSumToBeBetween": in_range("sum {}"),
    "ColumnToExist": plain("there is such a column"),
    "ColumnTypeToBe": lambda given: f"of type {given.get('type_')}",
    "ColumnUniqueValueCountToBeBetween": in_range("{} different values"),
    "ColumnValueLengthsToBeBetween": in_range("{} characters"),
    "ColumnValueLengthsToEqual": lambda given: f"exactly {shown(given.get('value'))} characters",
    "ColumnValueZScoresToBeLessThan": spread,
    "ColumnValuesToBeBetween": in_range("{}"),
    "ColumnValuesToBeDateutilParseable": plain("a date"),
    "ColumnValuesToBeDecreasing": order("decreasing"),
    "ColumnValuesToBeInSet": of_set("one of {}"),
    "ColumnValuesToBeInTypeList": of_set("of one of the types {}", "type_list"),
    "ColumnValuesToBeIncreasing": order("increasing"),
    "ColumnValuesToBeJsonParseable": plain("JSON"),
    "ColumnValuesToBeNull": plain("missing"),
    "ColumnValuesToBeOfType": lambda given: f"of type {given.get('type_')}",
    "ColumnValuesToBeUnique": plain("no value occurs twice"),
    "ColumnValuesToMatchJsonSchema": plain("JSON that meets the schema"),
    "ColumnValuesToMatchLikePattern": pattern("is like {}", "like_pattern"),
    "ColumnValuesToMatchLikePatternList": pattern("is like {}", "like_pattern_list"),
    "ColumnValuesToMatchRegex": pattern("matches {}", "regex"),
    "ColumnValuesToMatchRegexList": pattern("matches {}", "regex_list"),
    "ColumnValuesToMatchStrftimeFormat": lambda given: f"a date written as {given.get('strftime_format')}",
    "ColumnValuesToNotBeInSet": of_set("none of {}"),
    "ColumnValuesToNotBeNull": plain("not missing"),
    "ColumnValuesToNotBeOutliers": lambda given: f"no outlier (by {given.get('method')})",
    "ColumnValuesToNotMatchLikePattern": pattern("is not like {}", "like_pattern"),
    "ColumnValuesToNotMatchLikePatternList": pattern("is not like {}", "like_pattern_list"),
    "ColumnValuesToNotMatchRegex": pattern("does not match {}", "regex"),
    "ColumnValuesToNotMatchRegexList": pattern("does not match {}", "regex_list"),
    "CompoundColumnsToBeUnique": plain("no combination of their values occurs twice"),
    "MulticolumnSumToEqual": lambda given: f"their sum is {shown(given.get('sum_total'))}",
    "MulticolumnValuesToBeEqual": plain("their values are equal in each row"),
    "MulticolumnValuesToBeUnique": plain("their values differ in each row"),
    "QueryResultsToMatchComparison": plain("the query returns what the other one does"),
    "SelectColumnValuesToBeUniqueWithinRecord": plain("their values differ in each row"),
    "TableColumnCountToBeBetween": in_range("{} columns"),
    "TableColumnCountToEqual": lambda given: f"exactly {shown(given.get('value'))} columns",
    "TableColumnsToMatchOrderedList": of_set("has the columns {}, in this order", "column_list"),
    "TableColumnsToMatchSet": columns,
    "TableRowCountToBeBetween": in_range("{} rows"),
    "TableRowCountToEqual": lambda given: f"exactly {shown(given.get('value'))} rows",
    "TableRowCountToEqualOtherTable": lambda given: f"as many rows as {given.get('other_table_name')}",
}
