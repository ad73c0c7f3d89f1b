"""The phrases with which an expectation is described: values, lists, ranges, sets, patterns."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

LISTED = 20  # values of a set that are listed
Arguments = Mapping[str, Any]


def shown(value: Any) -> str:
    """Format a value for people: 1,000, or a date in ISO 8601."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.15g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def listed(values: Any) -> str:
    """List values; if there are many, only the first ones."""
    texts = [value if isinstance(value, str) else shown(value) for value in values or []]
    if len(texts) > LISTED:
        return f"{', '.join(texts[:LISTED])} and {len(texts) - LISTED} more"
    return ", ".join(texts)


def between(given: Arguments) -> str:
    """Describe a range: from 1 to 2, at least 1, more than 1."""
    low, high = given.get("min_value"), given.get("max_value")
    above, below = given.get("strict_min"), given.get("strict_max")
    if low is not None and low == high:
        return f"exactly {shown(low)}"
    if low is not None and high is not None and not above and not below:
        return f"from {shown(low)} to {shown(high)}"
    parts = [] if low is None else [f"{'more than' if above else 'at least'} {shown(low)}"]
    parts += [] if high is None else [f"{'less than' if below else 'at most'} {shown(high)}"]
    return " and ".join(parts) or "any"


def in_range(form: str) -> Callable[[Arguments], str]:
    """Return a function that puts a range into a phrase."""
    return lambda given: form.format(between(given))


def of_set(form: str, name: str = "value_set") -> Callable[[Arguments], str]:
    """Return a function that puts a list into a phrase."""
    return lambda given: form.format(listed(given.get(name)))


def plain(text: str) -> Callable[[Arguments], str]:
    """Return a function that returns the same phrase for any arguments."""
    return lambda given: text


def pattern(form: str, name: str) -> Callable[[Arguments], str]:
    """Return a function that puts one or several patterns into a phrase."""

    def words(given: Arguments) -> str:
        patterns = given.get(name) or ""
        several = isinstance(patterns, list | tuple)
        any_of = ("all of " if given.get("match_on") == "all" else "any of ") if several else ""
        return form.format(f"{any_of}{', '.join(map(str, patterns)) if several else patterns}")

    return words


def order(word: str) -> Callable[[Arguments], str]:
    """Return a function that describes an order of the rows."""
    return lambda given: f"{'strictly ' if given.get('strictly') else ''}{word} from row to row"


def greater(given: Arguments) -> str:
    """Say which of two columns has the greater values."""
    than = "at least" if given.get("or_equal") else "greater than"
    return f"{given['column_A']} is {than} {given['column_B']}"


def pairs(given: Arguments) -> str:
    """Say which pairs of values two columns may have."""
    named = [f"({listed(pair)})" for pair in given.get("value_pairs_set") or []]
    return f"{given['column_A']} and {given['column_B']} are one of the pairs {listed(named)}"


def quantiles(given: Arguments) -> str:
    """Describe the range of each quantile."""
    ranges = given.get("quantile_ranges")
    content = ranges if isinstance(ranges, dict) else vars(ranges)
    ranged = zip(content["quantiles"], content["value_ranges"], strict=True)
    bounds = [f"{share} {between({'min_value': low, 'max_value': high})}" for share, (low, high) in ranged]
    return f"quantiles: {'; '.join(bounds)}"


def spread(given: Arguments) -> str:
    """Say how far from the mean a value may be."""
    side = "from" if given.get("double_sided", True) else "above"
    return f"less than {shown(given.get('threshold'))} standard deviations {side} the mean"


def columns(given: Arguments) -> str:
    """Say which columns there should be."""
    others = " and no others" if given.get("exact_match") is not False else ""
    return f"has the columns {listed(given.get('column_set'))}{others}"
