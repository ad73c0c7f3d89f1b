"""The run of the train stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..base.faults import fault
from ..base.files import write
from ..base.hashing import file_md5
from ..base.paths import MODEL, VALIDATED
from ..blocks.checking import params_error
from ..fitting.classes import find_class
from ..fitting.fit import check_fitted, describe_error_in, explain
from ..fitting.target import check_classes
from ..judging.checks import check
from ..lineage.trained import Trained
from ..lineage.unused import changed_in_vain
from ..params import Params
from ..split.dataset import Dataset
from ..split.rows import Rows
from .columns import Known
from .model_runs import model_run
from .models import log_model
from .run import StageRun

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class TrainingRun(StageRun):
    """The run of a model, from its training on."""

    params: Params
    data: Dataset

    @contextmanager
    def step(self, message: str) -> Iterator[None]:
        """Show a message on the terminal while the block fits or runs the model.

        Raises:
            UserError: the model cannot be fitted; the message gives the reason in one line.
        """
        try:
            with console.working(message):
                yield
        except UserError:
            raise
        except (Exception, SystemExit) as error:  # an exit with code 0 would look like success
            explain(error, self.data.train_rows[self.data.columns.features], self.data.train_target)
            model = self.params.model.type
            cls = find_class(model, self.params.data.task)
            # the error may be in a feature or in the model's class
            reason = fault(error, in_stages=False) or describe_error_in(cls, error)
            raise UserError(f"{model} cannot be fitted to {VALIDATED}: {reason}") from error

    def save_model(self, model: "Pipeline", train: Rows) -> None:
        """Write the model for the later stages, and log it with a description of its columns.

        Args:
            model: the whole pipeline, fitted.
            train: the rows that it was fitted to.

        Raises:
            UserError: the model cannot predict, or holds a type that is not trusted; or it was fitted without
                the weights or the threshold in params.yaml.
        """
        check_fitted(model, self.params)
        with self.step("predicting"):
            for method in ("predict", "predict_proba"):  # both are needed by evaluate
                if hasattr(model, method):
                    getattr(model, method)(train.features.head())
        import joblib

        write(MODEL, lambda path: joblib.dump(model, path))
        known = Known.of(train.features, train.target, model, self.params.data, self.data.columns)
        run = log_model(self.run, model, train.features, known, file_md5(MODEL))
        Trained.now(run.id, run.model_id, self.data.learned.digest).write()
        self.saved.append(True)


@contextmanager
def training_run(params: Params, data: Dataset) -> Iterator[TrainingRun]:
    """Record a model in a new run, with its lineage, its parameters and its data.

    Raises:
        UserError: params.yaml has a mistake, the data cannot be read, the target cannot be learned, or the
            tracking store cannot be used.
    """
    check(params)
    check_classes(data)
    if not data.columns.features:
        message = (
            "no column is a feature: list some; the doubts of the validate stage say why each is not one"
        )
        raise params_error(("data", "columns"), message)
    for line in changed_in_vain():
        print(line, flush=True)
    with model_run(params, "train", data) as run:
        stage_run = TrainingRun(run, params, data)
        yield stage_run
        stage_run.check_saved("train", "`run.save_model(model, train)`")
