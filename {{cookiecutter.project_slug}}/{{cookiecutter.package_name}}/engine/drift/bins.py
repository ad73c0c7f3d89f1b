"""The bins of a column in words, for people."""

from itertools import pairwise
from typing import Any

from .reference import Reference

WIDEST = 60  # characters of a category


def labels(reference: Reference) -> list[str]:
    """Name each bin; the last bin of `values` is for all other values."""
    if reference.edges is None:
        values = reference.values or []
        named = _apart(values) if reference.kind == "number" else [shown(value) for value in values]
        return [*named, "all others"]
    edges = _apart(reference.edges)
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"up to {edges[0]}", *between, f"above {edges[-1]}"]


def shown(value: object, digits: int = 4) -> str:
    """Format a number, date or category in a few characters."""
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    text = str(value)
    for rest in (".000000", "T00:00:00"):  # of a date
        text = text.removesuffix(rest)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _apart(numbers: list[Any]) -> list[str]:
    """Format different numbers, or dates, with enough digits that no two of them look the same."""
    written = (list(dict.fromkeys(shown(number, digits) for number in numbers)) for digits in range(4, 18))
    return next(texts for texts in written if len(texts) == len(numbers))
