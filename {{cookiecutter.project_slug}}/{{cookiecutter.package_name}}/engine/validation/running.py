"""The expectation suite, run by Great Expectations on the table."""

from typing import TYPE_CHECKING, Any

from ..base import progress
from ..table.reading import FIRST_ROW
from .numbers import NAMED_ROWS, check_numbers
from .outcome import result_of, unchecked
from .result import Result
from .suite import great_expectations
from .view import UnfitError, as_seen, columns_of

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

    from ..table.in_parts import InParts

LARGE = 2**23  # cells of a large table


def check(
    raw: "pd.DataFrame | InParts", table: "pd.DataFrame | InParts", suite: "list[Expectation]"
) -> list[Result]:
    """Check that a table's numbers are numbers, and that it meets the expectations.

    Args:
        raw: the table from `reading.read_raw`.
        table: the same table from `types.to_types`.
        suite: from `load_suite`.
    """
    import pandas as pd

    if isinstance(raw, pd.DataFrame) and isinstance(table, pd.DataFrame):
        return [*check_numbers(raw, table), *check_expectations(table, suite)]
    from ..table.in_parts import InParts

    if isinstance(table, InParts):
        from . import spark

        return spark.check(table, suite)
    raise TypeError(f"no tables: a {type(raw).__name__} and a {type(table).__name__}")


def check_expectations(frame: "pd.DataFrame", suite: "list[Expectation]") -> list[Result]:
    """Run the expectations on a table and name, for each, up to twenty rows that fail it.

    A check that could not run, for example because its column is missing, is a failure with the reason.
    """
    results: dict[int, Result] = {}
    batches: dict[tuple[str, ...], tuple[dict[str, pd.Series[Any]], dict[int, Expectation]]] = {}
    for order, rule in enumerate(suite):
        try:
            seen, columns = as_seen(rule, frame)
        except UnfitError as unfit:
            results[order] = unchecked(rule, str(unfit))
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
    """Return which rules, by number, are checked together: all or, in a large table, those of a column.

    For each rule, Great Expectations copies all columns that it is given, for the rows that have a value.
    """
    if frame.size < LARGE:
        return [rules]
    parts: dict[tuple[str, ...], dict[int, Expectation]] = {}
    for order, rule in rules.items():
        parts.setdefault(tuple(_looked_at([rule], frame)), {})[order] = rule
    return [*parts.values()]


def _run(frame: "pd.DataFrame", rules: "dict[int, Expectation]") -> dict[int, Any]:
    """Have Great Expectations check numbered rules on a table; return the result of each."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    looked_at = frame[_looked_at([*rules.values()], frame)].set_axis(range(FIRST_ROW, len(frame) + FIRST_ROW))
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": looked_at})
    )
    return outcomes_of(batch, rules)


def outcomes_of(
    batch: Any, rules: "dict[int, Expectation]", index: list[str] | None = None
) -> dict[int, Any]:
    """Have Great Expectations check numbered rules on a batch; return the result of each.

    Args:
        batch: the batch, as Great Expectations has it.
        rules: the rules by number.
        index: the columns that name a row, if pandas' index does not.
    """
    for order, rule in rules.items():  # results come back in another order
        rule.meta = {"order": order}
    named = {"unexpected_index_column_names": [*index]} if index else {}
    outcome = batch.validate(
        great_expectations().ExpectationSuite("suite", expectations=[*rules.values()]),
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": NAMED_ROWS, **named},
    )
    return {int(result.expectation_config.meta["order"]): result for result in outcome.results}


def _looked_at(suite: "list[Expectation]", frame: "pd.DataFrame") -> list[str]:
    """List the columns that a suite needs: for each rule, Great Expectations copies all that it is given."""
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
            return list(frame.columns)  # it may look at any column
        needed |= {*columns_of(rule)}
    return [name for name in frame.columns if name in needed]


def _result(expectation: "Expectation", outcome: Any, frame: "pd.DataFrame") -> Result:
    """Reduce Great Expectations' result; the content of cells is taken from the table."""
    details = outcome.result or {}
    column = ", ".join(columns_of(expectation))
    numbers = details.get("partial_unexpected_index_list") or []
    cells = zip(numbers, details.get("partial_unexpected_list") or [], strict=False)
    values = [
        (int(row), frame[column].iloc[int(row) - FIRST_ROW] if column in frame else value)
        for row, value in cells
    ]
    return result_of(expectation, outcome, values)
