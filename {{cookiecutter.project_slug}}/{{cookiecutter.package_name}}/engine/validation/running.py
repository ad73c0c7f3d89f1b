"""The expectation suite, run by Great Expectations on the table."""

from typing import TYPE_CHECKING, Any

from ..base import progress
from ..table.disguises import FEW, is_unknown
from ..table.reading import FIRST_ROW
from .result import MISSING, Result
from .suite import great_expectations
from .view import UnfitError, as_seen, columns_of
from .words import in_words

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

LARGE = 2**23  # cells
NAMED_ROWS = 20  # that fail an expectation; the others are counted


def check(raw: "pd.DataFrame", table: "pd.DataFrame", suite: "list[Expectation]") -> list[Result]:
    """Check a table: its numbers are numbers, and it meets the expectations.

    Args:
        raw: from `reading.read_raw`.
        table: the same from `types.to_types`.
        suite: from `load_suite`.
    """
    return [*check_numbers(raw, table), *check_expectations(table, suite)]


def check_numbers(raw: "pd.DataFrame", frame: "pd.DataFrame") -> list[Result]:
    """Name the cells of columns of numbers or dates that hold something else, or an infinite number.

    Args:
        raw: from `reading.read_raw`.
        frame: the same table from `types.to_types`, in which they are missing.
    """
    results = []
    for name in frame.columns:
        wrong = (frame[name].isna() & raw[name].notna()).to_numpy().nonzero()[0]
        if len(wrong):
            rows = [int(row) + FIRST_ROW for row in wrong[:NAMED_ROWS]]
            values = [str(raw[name].iloc[row]) for row in wrong[:NAMED_ROWS]]
            counts = (len(wrong), len(raw))
            kind = "finite numbers" if frame[name].dtype == "float64" else "dates"
            rule = f"values are {kind}{_unlisted(raw[name].iloc[wrong])}"
            results.append(Result(rule, name, "critical", False, *counts, rows, values))
    return results


def _unlisted(cells: "pd.Series[Any]") -> str:
    """Say what to write if what stands in some cells are words for a missing value; else nothing."""
    words = sorted(map(str, cells.unique()))
    if len(words) > FEW or not all(map(is_unknown, words)):
        return ""
    return f" (if {' and '.join(map(repr, words))} is a missing value, add it to data.missing)"


def check_expectations(frame: "pd.DataFrame", suite: "list[Expectation]") -> list[Result]:
    """Run the expectations on a table and name, for each, up to twenty rows that fail it.

    A check that could not run, for want of its column say, is a failure with the reason.
    """
    results: dict[int, Result] = {}
    batches: dict[tuple[str, ...], tuple[dict[str, pd.Series[Any]], dict[int, Expectation]]] = {}
    for order, rule in enumerate(suite):
        try:
            seen, columns = as_seen(rule, frame)
        except UnfitError as unfit:
            results[order] = _unchecked(rule, str(unfit))
            continue
        key = tuple(f"{name} {column.dtype}" for name, column in columns.items())
        batches.setdefault(key, (columns, {}))[1][order] = seen
    with progress.working(f"checking {len(frame):,} rows"):
        progress.tell(lambda: f"{len(results)} of {len(suite)} expectations")
        for columns, rules in batches.values():
            seen_frame = frame.assign(**columns) if columns else frame
            for some in _together(rules, seen_frame):
                for order, outcome in _run(seen_frame, some).items():
                    results[order] = _result(suite[order], outcome, frame)
    return [results[order] for order in range(len(suite))]


def _together(rules: "dict[int, Expectation]", frame: "pd.DataFrame") -> "list[dict[int, Expectation]]":
    """Say which rules, each with its number, are checked at once: all, or of a large table those of a column.

    Rule by rule, Great Expectations copies all columns that it is given, of the rows that have a value.
    """
    if frame.size < LARGE:
        return [rules]
    parts: dict[tuple[str, ...], dict[int, Expectation]] = {}
    for order, rule in rules.items():
        parts.setdefault(tuple(_looked_at([rule], frame)), {})[order] = rule
    return [*parts.values()]


def _run(frame: "pd.DataFrame", rules: "dict[int, Expectation]") -> dict[int, Any]:
    """Have Great Expectations check rules, each with its number, on a table; return its result of each."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    for order, rule in rules.items():  # results come back regrouped
        rule.meta = {"order": order}
    looked_at = frame[_looked_at([*rules.values()], frame)].set_axis(range(FIRST_ROW, len(frame) + FIRST_ROW))
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": looked_at})
    )
    outcome = batch.validate(
        gx.ExpectationSuite("suite", expectations=[*rules.values()]),
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": NAMED_ROWS},
    )
    return {int(result.expectation_config.meta["order"]): result for result in outcome.results}


def _looked_at(suite: "list[Expectation]", frame: "pd.DataFrame") -> list[str]:
    """List the columns that a suite needs: Great Expectations copies all that it is given, rule by rule."""
    from great_expectations.expectations import core
    from great_expectations.expectations import expectation as kinds

    of_columns = (
        kinds.ColumnMapExpectation,
        kinds.ColumnAggregateExpectation,
        kinds.ColumnPairMapExpectation,
        kinds.MulticolumnMapExpectation,
    )
    of_rows = (core.ExpectTableRowCountToBeBetween, core.ExpectTableRowCountToEqual)
    needed: set[str] = set()
    for rule in suite:
        if not isinstance(rule, (*of_columns, *of_rows)) or getattr(rule, "row_condition", None):
            return list(frame.columns)  # it may look at any
        needed |= {*columns_of(rule)}
    return [name for name in frame.columns if name in needed]


def _unchecked(expectation: "Expectation", why: str) -> Result:
    column = ", ".join(columns_of(expectation))
    severity = expectation.severity.value
    return Result(in_words(expectation), column, severity, False, 1, 1, note=f"could not run: {why}")


def _result(expectation: "Expectation", outcome: Any, frame: "pd.DataFrame") -> Result:
    """Reduce Great Expectations' result to what the report shows: of a cell, what stands in the table."""
    details = outcome.result or {}
    column = ", ".join(columns_of(expectation))
    failed = int(details.get("unexpected_count", 0 if outcome.success else 1))
    numbers = details.get("partial_unexpected_index_list") or []
    cells = list(zip(numbers, details.get("partial_unexpected_list") or [], strict=False))
    observed = f"observed {details['observed_value']}" if "observed_value" in details else ""
    of_table = type(expectation).__name__.startswith("ExpectTable")  # its rows and columns: no cell's value
    note = observed if of_table else "" if details else _reason(outcome)
    return Result(
        rule=in_words(expectation),
        column=column,
        severity=expectation.severity.value,
        passed=bool(outcome.success),
        failed=failed,
        total=int(details.get("element_count", 1)),
        rows=[int(row) for row, _ in cells],
        values=[
            _value(frame[column].iloc[int(row) - FIRST_ROW] if column in frame else v) for row, v in cells
        ],
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
