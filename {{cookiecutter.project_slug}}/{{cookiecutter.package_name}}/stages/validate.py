"""Validate: raw data that meet the expectations become the table that the other stages read."""

from .. import background, console, hashing
from ..data.description import Description
from ..data.expectations import check, check_numbers, load_suite
from ..data.report import counts, failures, page
from ..data.table import read_raw, to_types, write_validated
from ..errors import UserError
from ..files import write_text
from ..modeling.checks import check_beside
from ..params import load_params
from ..paths import EXPECTATIONS, VALIDATION_FAILED_PAGE, VALIDATION_PAGE
from ..tracking import recording, records, snapshot, store


@snapshot.unchanged("validate")
def main() -> None:
    """Run the stage."""
    params = load_params()
    finish_check = check_beside(params)
    data = params.data
    hashing.hash_ahead(data.path)
    read = background.start(lambda: read_raw(params))  # while Great Expectations is imported
    with store.opened():
        suite = load_suite(EXPECTATIONS)
        raw = read()
        finish_check()

        with recording.data_run(data.path) as run_id:
            frame = to_types(raw, data)
            results = [*check_numbers(raw, frame), *check(frame, suite)]
            # the page beside the data shows what stands in them, and nothing else that leaves this folder
            told = results if data.show_values else [result.without_values() for result in results]
            critical, warning = failures(told, "critical"), failures(told, "warning")
            found = counts(len(frame), len(frame.columns), told)
            title = f"{data.path.name}: validation"
            html = page(title, results)
            records.log_data(run_id, records.Input(data.path, "validation", Description.of(raw)))
            records.log_validation(run_id, found, page(title, told))
            if critical:
                write_text(VALIDATION_FAILED_PAGE, html)
                failed = f"{len(critical)} critical expectations failed; see {VALIDATION_FAILED_PAGE}"
                raise UserError("\n".join([f"{data.path}: {failed}", *map(str, critical)]))

    write_validated(frame, params, found)
    write_text(VALIDATION_PAGE, html)
    VALIDATION_FAILED_PAGE.unlink(missing_ok=True)
    console.summary(
        "validate",
        {
            "rows x columns": f"{len(frame)} x {len(frame.columns)}",
            "expectations": f"{found['passed']} of {found['expectations']} hold",
            **{f"warning {i}": result for i, result in enumerate(warning, 1)},
            "report": VALIDATION_PAGE,
        },
    )


if __name__ == "__main__":
    console.run(main)
