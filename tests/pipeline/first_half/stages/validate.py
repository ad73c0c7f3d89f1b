"""Validate: raw data that meet the expectations become the table that the other stages read."""

from ..engine.base.console import summary
from ..engine.runs import validation_run
from ..engine.table.reading import read_raw, to_types
from ..engine.validation.suite import check, load_suite
from ..params import load_params


def main() -> None:
    """Run the stage."""
    params = load_params()
    suite, raw = load_suite(), read_raw(params)
    with validation_run(params) as run:
        table = to_types(raw, params.data)
        results = check(raw, table, suite)
        found = run.save(raw, table, results)
    summary("validate", found)
