"""Validate: raw data that meet the expectations become the table that the other stages read."""

from ..engine.base.console import summary
from ..engine.runs import validation_run
from ..engine.table.reading import read_raw
from ..engine.table.types import to_types
from ..engine.validation.running import check
from ..engine.validation.suite import load_suite
from ..params import load_params


def main() -> None:
    """Run the stage."""
    params = load_params()
    suite, raw = load_suite(), read_raw(params)
    with validation_run(params) as run:
        table = to_types(raw, params.data)
        results = check(raw, table, suite)
        facts = run.save(raw, table, results)
    summary("validate", facts)
