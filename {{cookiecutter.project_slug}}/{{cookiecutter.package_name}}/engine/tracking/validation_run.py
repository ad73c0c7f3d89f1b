"""The run of the validate stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..base import progress
from ..base.errors import UserError
from ..base.files import write_text
from ..base.hashing import file_md5
from ..base.paths import VALIDATED, VALIDATION, VALIDATION_FAILED_PAGE, VALIDATION_PAGE
from ..judging.checks import check
from ..lineage import snapshot
from ..lineage.lineage import Lineage
from ..lineage.undo import back_to_committed
from ..params import Params
from ..table import roles, target
from ..validation import changes
from ..validation.facts import Facts
from ..validation.page import Checked, page
from ..validation.result import Result, counts, failures
from . import records, store
from .datasets import Input, log_data
from .recording import active, create_run
from .run import StageRun

if TYPE_CHECKING:
    import pandas as pd

    from ..table.in_parts import InParts


@dataclass(frozen=True)
class ValidationRun(StageRun):
    """The run of a validation, in the experiment of the data."""

    params: Params

    def save(
        self, raw: "pd.DataFrame | InParts", table: "pd.DataFrame | InParts", results: list[Result]
    ) -> dict[str, object]:
        """Log the results and, unless a critical expectation failed, write the table for the other stages.

        Args:
            raw: n rows, as they were read.
            table: the same n rows, each column with the type of its role, as they were checked.
            results: one for each expectation.

        Returns:
            The lines of the stage's summary: value by name.

        Raises:
            UserError: a critical expectation failed (the message names the rows), too many rows have no
                target, the target does not suit the project's task, or the stage's inputs changed while it
                ran.
        """
        data = self.params.data
        # the page in this folder shows values of the data; what leaves the folder does so only if params.yaml
        # allows it
        shared = results if data.show_values else [result.without_values() for result in results]
        critical, warnings = failures(shared, "critical"), failures(shared, "warning")
        facts = Facts.of(raw, table, self.params)
        decided = roles.as_split(facts.roles, self.params.split)
        lacking = target.without(facts.lacking, facts.rows)
        md5, size = file_md5(data.path), (facts.rows, len(facts.profiles))
        to_keep = changes.to_keep(changes.last(VALIDATION), md5, facts.profiles)
        before = to_keep[changes.BEFORE]
        checked = Checked(data.path.as_posix(), md5, results, decided, facts.profiles, before, lacking)
        counted = counts(*size, shared)
        counted |= {"without_target": facts.lacking, **roles.counts(decided), **to_keep}
        made = {"checked": f"{datetime.now():%Y-%m-%d %H:%M}", "run": self.run.id}
        log_data(self.run, Input(data.path, "validation", facts.raw))
        records.log_validation(self.run, counted, page(checked, data.show_values, made))
        doubts = roles.lines(decided)
        if critical:
            write_text(VALIDATION_FAILED_PAGE, page(checked, True, made))
            kind = "critical expectation" if len(critical) == 1 else "critical expectations"
            failed = f"{len(critical)} {kind} failed; see {VALIDATION_FAILED_PAGE}"
            also = [f"{name}: {doubt}" for name, doubt in doubts.items() if name != roles.ROLES]
            undo = back_to_committed(data.path)
            back = [f"to go back to the data of the last commit: `{undo}`"] if undo else []
            raise UserError("\n".join([f"{data.path}: {failed}", *map(str, critical), *also, *back]))
        facts.check_target()
        snapshot.check()  # if the inputs have changed, the last good table is kept
        with progress.working(f"writing {VALIDATED}"):
            facts.write(counted)
        write_text(VALIDATION_PAGE, page(checked, True))
        VALIDATION_FAILED_PAGE.unlink(missing_ok=True)
        self.saved.append(True)
        return {
            "rows x columns": f"{size[0]} x {size[1]}",
            **lacking,
            **doubts,
            "expectations": f"{counted['passed']} of {counted['expectations']} hold",
            **{f"warning {i}": result for i, result in enumerate(warnings, 1)},
            "report": VALIDATION_PAGE,
        }


@contextmanager
def validation_run(params: Params) -> Iterator[ValidationRun]:
    """Record a validation as a run in the experiment of the data.

    Raises:
        UserError: params.yaml has a mistake, or the tracking store cannot be used.
    """
    check(params)
    client = store.connect()
    experiment = store.experiment_id(client, store.data_experiment_name())
    name = f"{file_md5(params.data.path)[:8]}-{params.data.path.stem}"
    lineage = Lineage.of("validate")
    with active(create_run(client, experiment, lineage, {"mlflow.runName": name})) as run:
        stage_run = ValidationRun(run, params)
        yield stage_run
        stage_run.check_saved("validate", "`run.save(raw, table, results)`")
