"""What Great Expectations says about a rule, reduced to what the report shows."""

from typing import TYPE_CHECKING, Any

from .result import MISSING, Result
from .view import columns_of
from .words import in_words

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def unchecked(expectation: "Expectation", why: str) -> Result:
    """Make the result of an expectation that could not be checked."""
    column = ", ".join(columns_of(expectation))
    severity = expectation.severity.value
    return Result(in_words(expectation), column, severity, False, 1, 1, note=f"could not run: {why}")


def result_of(expectation: "Expectation", outcome: Any, cells: list[tuple[int, Any]]) -> Result:
    """Reduce Great Expectations' result to what the report shows.

    Args:
        expectation: the rule.
        outcome: its result.
        cells: the number of each failing row that is named, and what stands in it.
    """
    details = outcome.result or {}
    failed = int(details.get("unexpected_count", 0 if outcome.success else 1))
    observed = f"observed {details['observed_value']}" if "observed_value" in details else ""
    of_table = type(expectation).__name__.startswith("ExpectTable")  # its rows and columns: no cell's value
    note = observed if of_table else "" if details else _reason(outcome)
    return Result(
        rule=in_words(expectation),
        column=", ".join(columns_of(expectation)),
        severity=expectation.severity.value,
        passed=bool(outcome.success),
        failed=failed,
        total=int(details.get("element_count", 1)),
        rows=[row for row, _ in cells],
        values=[_value(value) for _, value in cells],
        observed="" if outcome.success else observed,
        note="" if outcome.success else note,
    )


def _value(value: Any) -> str:
    """Write a failing cell, or the cells of several columns."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return ", ".join(map(_value, value))
    return MISSING if value is None or value != value else str(value)


def _reason(outcome: Any) -> str:
    """Say why a check could not run."""
    reasons = [
        info["exception_message"]
        for info in _flatten(outcome.exception_info or {})
        if info.get("exception_message")
    ]
    return "could not run: " + (reasons[0].split("\n")[0] if reasons else "no reason given")


def _flatten(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Great Expectations gives either one exception or one a metric."""
    return [info] if "exception_message" in info else [i for i in info.values() if isinstance(i, dict)]
