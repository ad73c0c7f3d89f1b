"""What a stage sees of MLflow: the run that it logs to, which is the active one within the block."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import console
from .base.errors import UserError
from .base.faults import fault
from .base.files import read_model, write, write_json, write_text
from .base.hashing import file_md5
from .base.paths import (
    GROUPS,
    METRICS,
    MODEL,
    MODEL_MD5,
    PLOTS,
    VALIDATED,
    VALIDATION_FAILED_PAGE,
    VALIDATION_PAGE,
)
from .base.spreadsheet import write_csv
from .fitting.classes import find_class
from .fitting.fit import fault_in, name_empty_columns
from .judging import pictures
from .judging.checks import check
from .judging.evaluation import Evaluation
from .lineage import snapshot
from .lineage.trained import Trained
from .params import Params
from .split.dataset import Dataset, Rows
from .table.description import Description
from .table.reading import write_validated
from .tracking import model_runs, recording, records
from .tracking.columns import Known
from .tracking.models import log_model
from .tracking.run import Run
from .validation.page import Result, counts, failures, page

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class StageRun:
    """The run that a stage logs to."""

    run: Run

    @property
    def id(self) -> str:
        """Its id in MLflow."""
        return self.run.id


@dataclass(frozen=True)
class ValidationRun(StageRun):
    """The run of a validation."""

    params: Params

    def save(self, raw: "pd.DataFrame", table: "pd.DataFrame", results: list[Result]) -> dict[str, object]:
        """Log what was found, and write the table for the other stages, if nothing critical failed.

        Args:
            raw: n rows, as they were read.
            table: the same rows, typed.
            results: of the expectations.

        Returns:
            What the stage's summary shows.

        Raises:
            UserError: a critical expectation failed; names the rows. Or something has changed meanwhile.
        """
        data = self.params.data
        # the page beside the data shows what stands in them, and nothing else that leaves this folder
        told = results if data.show_values else [result.without_values() for result in results]
        critical, warning = failures(told, "critical"), failures(told, "warning")
        found = counts(len(table), len(table.columns), told)
        title = f"{data.path.name}: validation"
        html = page(title, results)
        records.log_data(self.run, records.Input(data.path, "validation", Description.of(raw)))
        records.log_validation(self.run, found, page(title, told))
        if critical:
            write_text(VALIDATION_FAILED_PAGE, html)
            failed = f"{len(critical)} critical expectations failed; see {VALIDATION_FAILED_PAGE}"
            raise UserError("\n".join([f"{data.path}: {failed}", *map(str, critical)]))
        snapshot.check()  # the last good table stays, if this one is of data that have changed meanwhile
        write_validated(table, self.params, found)
        write_text(VALIDATION_PAGE, html)
        VALIDATION_FAILED_PAGE.unlink(missing_ok=True)
        return {
            "rows x columns": f"{len(table)} x {len(table.columns)}",
            "expectations": f"{found['passed']} of {found['expectations']} hold",
            **{f"warning {i}": result for i, result in enumerate(warning, 1)},
            "report": VALIDATION_PAGE,
        }


@dataclass(frozen=True)
class TrainingRun(StageRun):
    """The run of a model, as `train` begins it."""

    params: Params
    data: Dataset

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show on a terminal what is under way.

        Raises:
            UserError: the model cannot be fitted; says why in a line, whatever it raised.
        """
        try:
            with console.working(what):
                yield
        except UserError:
            raise
        except (Exception, SystemExit) as error:  # one that exits with 0 would seem to be done
            name_empty_columns(error, self.data.train_rows[self.data.columns.features])
            model = self.params.model.type
            cls = find_class(model, self.params.data.task)
            why = fault(error, in_stages=False) or fault_in(cls, error)  # a feature's, or the class's
            raise UserError(f"{model} cannot be fitted to {VALIDATED}: {why}") from error

    def save_model(self, model: "Pipeline", train: Rows) -> None:
        """Write the model for the stages that follow, and log it with what it knows of its columns.

        Args:
            model: fitted.
            train: to these rows.

        Raises:
            UserError: it cannot predict, or holds a type that is not trusted.
        """
        with self.step("predicting"):
            for does in ("predict", "predict_proba"):  # what evaluate will ask for
                if hasattr(model, does):
                    getattr(model, does)(train.features.head())
        import joblib

        write(MODEL, lambda path: joblib.dump(model, path))
        known = Known.of(train.features, train.target, model, self.params.data, self.data.columns)
        run = log_model(self.run, model, train.features, known, file_md5(MODEL))
        Trained.now(run.id, run.model_id, self.data.learned.digest).write()


@dataclass(frozen=True)
class EvaluationRun(StageRun):
    """The run of a model, as `evaluate` goes on with it.

    Attributes:
        model: that `train` has made.
    """

    model: "Pipeline"

    def step(self, what: str) -> AbstractContextManager[None]:
        """Show on a terminal what is under way."""
        return console.working(what)

    def save(self, evaluation: Evaluation, plots: Mapping[str, pictures.Plot]) -> None:
        """Write what was found, draw it, and log both."""
        pictures.draw(evaluation, plots, PLOTS)
        write(GROUPS, lambda path: write_csv(evaluation.groups, path))
        content = {**evaluation.content(), "run_id": self.run.id, MODEL_MD5: file_md5(MODEL)}
        write_json(METRICS, content)
        records.log_evaluation(self.run, content)


@contextmanager
def validation_run(params: Params) -> Iterator[ValidationRun]:
    """Record a validation as a run of the data's own experiment.

    Raises:
        UserError: params.yaml has a mistake; the tracking store cannot be used.
    """
    check(params)
    with recording.data_run(params.data.path) as run:
        yield ValidationRun(run, params)


@contextmanager
def training_run(params: Params, data: Dataset) -> Iterator[TrainingRun]:
    """Record a model in a new run, with its lineage, its parameters and its data.

    Raises:
        UserError: params.yaml has a mistake; the data cannot be read; the tracking store cannot be used.
    """
    check(params)
    with model_runs.model_run(params, "train", data) as run:
        yield TrainingRun(run, params, data)


@contextmanager
def evaluation_run(params: Params, data: Dataset) -> Iterator[EvaluationRun]:
    """Go on with the run that trained the model, or with a new one that is forked from it.

    Raises:
        UserError: as `training_run`; or there is no model, or one of other rows or parameters.
    """
    check(params)
    model = read_model(MODEL, "train")
    with model_runs.continued_or_forked_run(params, Trained.read(), data) as run:
        yield EvaluationRun(run, model)
