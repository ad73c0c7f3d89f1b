"""The run of the evaluate stage: the training run, continued, or a fork of it."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..base.files import read_model, write
from ..base.paths import GROUPS, MODEL, PLOTS
from ..base.spreadsheet import write_csv
from ..judging import pictures
from ..judging.checks import check
from ..judging.evaluation import Evaluation
from ..lineage.evaluated import write_evaluation
from ..lineage.lineage import Lineage
from ..lineage.trained import Trained
from ..params import Params
from ..split.dataset import Dataset
from . import records, store
from .model_runs import find_run, model_run, with_model
from .predicted import log_predicted
from .recording import active
from .run import Run, StageRun

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FORKED = "forked.from"  # the tag with the run that trained the model


@dataclass(frozen=True)
class EvaluationRun(StageRun):
    """The run of a model while it is evaluated.

    Attributes:
        model: the fitted pipeline that `train` wrote.
    """

    model: "Pipeline"

    def step(self, message: str) -> AbstractContextManager[object]:
        """Show a message on the terminal while the block runs."""
        return console.working(message)

    def save(self, evaluation: Evaluation, plots: Mapping[str, pictures.Plot]) -> None:
        """Write the metrics and the plots for DVC, and log them."""
        pictures.draw(evaluation, plots, PLOTS)
        write(GROUPS, lambda path: write_csv(evaluation.groups, path))
        write_evaluation(evaluation.content(), self.run.id)
        records.log_evaluation(self.run, evaluation.content())
        log_predicted(self.run, evaluation.predictions)
        self.saved.append(True)


@contextmanager
def evaluation_run(params: Params, data: Dataset) -> Iterator[EvaluationRun]:
    """Record an evaluation in the run that trained the model, or in a fork of that run.

    Raises:
        UserError: for the same reasons as `training_run`; or there is no model, or it was trained on other
            rows or with other parameters than the current ones.
    """
    check(params)
    model = read_model(MODEL, "train")
    with _continued_or_forked(params, Trained.read(), data) as run:
        stage_run = EvaluationRun(run, model)
        yield stage_run
        stage_run.check_saved("evaluate", "`run.save(evaluation, PLOTS)`")


@contextmanager
def _continued_or_forked(params: Params, trained: Trained, data: Dataset) -> Iterator[Run]:
    """Continue the run that trained the model, or fork a new run from it.

    A run is continued only if this store has it, it has no metrics yet, and it was made with the current
    code and parameters in the current DVC experiment. Otherwise the model came from DVC's cache, or
    something was corrected since, and what the old run recorded stays as it is.

    Args:
        params: logged in a new run.
        trained: what the train stage recorded.
        data: the validated rows.

    Raises:
        UserError: the model was not trained on the training rows of the current split.
    """
    if trained.learned not in ("", data.learned.digest):
        raise UserError(
            f"{MODEL}: was not trained on the current training rows, and may have seen test rows; "
            "run `dvc repro train` first"
        )
    client = store.connect()
    recorded = find_run(client, trained.run_id)
    unevaluated = recorded is not None and records.EVALUATED not in recorded.data.tags
    if recorded is not None and unevaluated and Lineage.of("evaluate").matches(recorded.data.tags):
        recording = active(Run(client, trained.run_id))
    else:
        recording = model_run(params, "evaluate", data, {FORKED: trained.run_id})
    with recording as run:
        yield with_model(run, params, trained.model_id, data)
