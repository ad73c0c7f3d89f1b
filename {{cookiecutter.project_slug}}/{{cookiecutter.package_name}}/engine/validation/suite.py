"""The expectation suite: read strictly, run by Great Expectations."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import lazy
from ..base.errors import UserError
from ..base.paths import EXPECTATIONS
from ..base.yaml import line_of, nearest, read_yaml
from ..table.reading import FIRST_ROW
from .page import Result

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

COLUMNS = ("column", "column_A", "column_B", "column_list")  # an expectation's arguments that name them
NAMED_ROWS = 20  # that fail an expectation; the others are counted


def load_suite(path: Path = EXPECTATIONS) -> "list[Expectation]":
    """Build the expectations of a suite file, in its order.

    Great Expectations drops an expectation that it does not know with a line in its log; here the
    first mistake in the file stops everything.

    Raises:
        UserError: a line for each: an unknown expectation, an unknown or wrong argument.
    """
    _import()
    content = read_yaml(path)
    entries = content.get("expectations") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}:1: needs a list `expectations` with at least one entry")
    built, errors = [], []
    for index, entry in enumerate(entries):
        try:
            built.append(_build(entry))
        except UserError as error:
            where = f"{path}:{line_of(path, ('expectations', index))}"
            errors += [f"{where}: {line}" for line in str(error).splitlines()]
    if errors:
        raise UserError("\n".join(errors))
    return built


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
            results.append(Result(f"values are {kind}", name, "critical", False, *counts, rows, values))
    return results


def check(raw: "pd.DataFrame", table: "pd.DataFrame", suite: "list[Expectation]") -> list[Result]:
    """Check a table: its numbers are numbers, and it meets the expectations.

    Args:
        raw: from `reading.read_raw`.
        table: the same from `types.to_types`.
        suite: from `load_suite`.
    """
    return [*check_numbers(raw, table), *check_expectations(table, suite)]


def check_expectations(frame: "pd.DataFrame", suite: "list[Expectation]") -> list[Result]:
    """Run the expectations on a table and name, for each, up to twenty rows that fail it.

    A check that could not run, for want of its column say, is a failure with the reason.
    """
    gx = _import()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    for order, expectation in enumerate(suite):  # results come back regrouped
        expectation.meta = {"order": order}
    looked_at = frame[_looked_at(suite, frame)].set_axis(range(FIRST_ROW, len(frame) + FIRST_ROW))
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": looked_at})
    )
    outcome = batch.validate(
        gx.ExpectationSuite("suite", expectations=suite),
        result_format={
            "result_format": "SUMMARY",
            "partial_unexpected_count": NAMED_ROWS,
        },
    )
    results = sorted(outcome.results, key=lambda r: int(r.expectation_config.meta["order"]))
    return [_result(expectation, result) for expectation, result in zip(suite, results, strict=True)]


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
        named = [getattr(rule, argument, None) for argument in COLUMNS]
        if not isinstance(rule, (*of_columns, *of_rows)) or getattr(rule, "row_condition", None):
            return list(frame.columns)  # it may look at any
        for name in filter(None, named):
            needed |= set(name) if isinstance(name, list | tuple) else {name}
    return [name for name in frame.columns if name in needed]


def _import() -> Any:
    """Import Great Expectations without what it draws with, and without what few expectations need."""
    with lazy.modules("altair", "jsonschema", "scipy.stats"):  # half of the time that it takes
        import great_expectations
    return great_expectations


def _build(entry: Any) -> "Expectation":
    """Build one expectation from its mapping: `type`, and the arguments beside it."""
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise UserError("needs `type`, the name of an expectation")
    arguments = {str(name): value for name, value in entry.items() if name != "type"}
    try:
        implementation = get_expectation_impl(entry["type"])
    except ExpectationNotFoundError:
        close = nearest(entry["type"], sorted(list_registered_expectation_implementations()))
        raise UserError(f"{entry['type']}: no such expectation; {close.split('allowed:')[0]}") from None
    try:
        return implementation(**arguments)
    except ValueError as error:  # pydantic v1's error, which Great Expectations vendors
        mistakes = error.errors() if hasattr(error, "errors") else [{"loc": (), "msg": str(error)}]
    known = sorted(set(implementation.__fields__) - {"id", "meta", "rendered_content", "windows", "batch_id"})
    lines: dict[str, str] = {}
    for mistake in mistakes:
        name = ".".join(str(part) for part in mistake["loc"] if part != "__root__")
        unknown = mistake["msg"] == "extra fields not permitted"
        message = f"unknown argument; {nearest(name, known)}" if unknown else mistake["msg"]
        lines.setdefault(name, f"{entry['type']}: {f'{name}: ' if name else ''}{message}")
    raise UserError("\n".join(lines.values()))


def _result(expectation: "Expectation", outcome: Any) -> Result:
    """Reduce Great Expectations' result to what the report shows."""
    details = outcome.result or {}
    named = [getattr(expectation, name, None) for name in COLUMNS]
    column = ", ".join(_value(name) for name in named if name)
    failed = int(details.get("unexpected_count", 0 if outcome.success else 1))
    numbers = details.get("partial_unexpected_index_list") or []
    cells = list(zip(numbers, details.get("partial_unexpected_list") or [], strict=False))
    observed = f"observed {details['observed_value']}" if "observed_value" in details else ""
    of_table = type(expectation).__name__.startswith("ExpectTable")  # its rows and columns: no cell's value
    note = observed if of_table else "" if details else _reason(outcome)
    return Result(
        rule=_rule(expectation),
        column=column,
        severity=expectation.severity.value,
        passed=bool(outcome.success),
        failed=failed,
        total=int(details.get("element_count", 1)),
        rows=[int(row) for row, _ in cells],
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
    return "(missing)" if value is None or value != value else str(value)


def _rule(expectation: "Expectation") -> str:
    """Write an expectation as a line: its name and the arguments that were given."""
    skipped = {*COLUMNS, "severity", "meta", "notes", "description"}
    names = [name for name in expectation.__fields__ if name in expectation.__fields_set__ - skipped]
    given = {name: getattr(expectation, name) for name in names}
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(expectation).__name__).lower()
    return name + "".join(f", {key.replace('_', ' ')} {value}" for key, value in given.items())


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
