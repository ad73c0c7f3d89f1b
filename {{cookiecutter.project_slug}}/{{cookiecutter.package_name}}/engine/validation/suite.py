"""The expectation suite, read strictly."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import lazy
from ..base.errors import UserError
from ..base.paths import EXPECTATIONS
from ..base.yaml import line_of, nearest, read_yaml
from . import inherited

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

    from .result import Result


def load_suite(path: Path = EXPECTATIONS) -> "list[Expectation]":
    """Build the expectations of a suite file, in its order.

    Great Expectations drops an expectation that it does not know with a line in its log; here the
    first mistake in the file stops everything.

    Raises:
        UserError: a line for each: an unknown expectation, an unknown or wrong argument.
    """
    great_expectations()
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


def check(raw: "pd.DataFrame", table: "pd.DataFrame", suite: "list[Expectation]") -> "list[Result]":
    """Check a table: `running.check`, which the first projects import from here."""
    from . import running

    return running.check(raw, table, suite)


def great_expectations() -> Any:
    """Import Great Expectations without what it draws with, and without what few expectations need."""
    with lazy.modules("altair", "jsonschema", "scipy.stats"), inherited.fields():  # a third of the time
        import great_expectations as library
        from great_expectations.execution_engine import pandas_execution_engine as engine
    engine.HASH_THRESHOLD = 0  # bytes of a table up to which it makes a fingerprint that nobody reads
    return library


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
