"""MLflow runs: one for a model's training and evaluation, never written over."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.files import read_model
from ..base.hashing import file_md5
from ..base.paths import MODEL, VALIDATED
from ..lineage.lineage import Lineage
from ..lineage.trained import Trained
from ..params import Params
from ..split.dataset import Dataset
from . import store
from .columns import Known
from .models import MODEL_ID, is_stored, log_model
from .recording import active, create_run
from .records import EVALUATED, Input, log_data, log_evaluation, log_params
from .rows import log_learned
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as Made

FORKED = "forked.from"  # the tag with the run that trained the model
RESTORED = "restored.from"  # the tag with the run, in another store, that this one stands for
NUMBER = "run.number"


@contextmanager
def model_run(params: Params, stage: str, data: Dataset, **tags: str) -> Iterator[Run]:
    """Record a model in a new run, with its lineage, parameters and data.

    Args:
        params: logged.
        stage: which one is running.
        data: the validated rows.
        tags: more of them.

    Raises:
        UserError: the data cannot be read; no run is made then.
    """
    table, learned = data.description, data.learned
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    named = {**_name(client, experiment, params.model.type), "model.type": params.model.type}
    with active(create_run(client, experiment, Lineage.of(stage), {**named, **tags})) as run:
        log_params(run, params)
        log_data(run, Input(params.data.path, "raw"), Input(VALIDATED, "training", table))
        log_learned(run, learned)
        yield run


@contextmanager
def continued_or_forked_run(params: Params, trained: Trained, data: Dataset) -> Iterator[Run]:
    """Go on with the run that trained the model, or fork a new one from it.

    The run is gone on with only if it is there, has no metrics yet, and was made of the code and the
    parameters of now, in this very experiment. Otherwise the model came from DVC's cache, or something
    has been mended since, and what the old run says of itself stays true.

    Args:
        params: logged in a new run.
        trained: from the train stage.
        data: the validated rows.

    Raises:
        UserError: the model has not learned from the rows that the split of now has for that.
    """
    if trained.learned not in ("", data.learned.digest):
        raise UserError(
            f"{MODEL}: has not learned from the training rows of now, and may have from test rows; "
            "run `dvc repro train` first"
        )
    client = store.connect()
    made = _find(client, trained.run_id)
    goes_on = made is not None and EVALUATED not in made.data.tags
    if made is not None and goes_on and Lineage.of("evaluate").is_that_of(made.data.tags):
        recording = active(Run(client, trained.run_id))
    else:
        recording = model_run(params, "evaluate", data, **{FORKED: trained.run_id})
    with recording as run:
        yield _with_model(run, params, trained.model_id, data)


def evaluated_run(
    client: "MlflowClient",
    params: Params,
    evaluation: Mapping[str, Any],
    trained: Trained,
    data: Dataset,
) -> Run:
    """Return the run that has the model and its metrics, restored from DVC's files if it is not there.

    That is so in a fresh clone with a store of its own: DVC brought the results, and no stage ran.

    Args:
        params: as `evaluation_run`, and so for the other ones.
        evaluation: the content of reports/metrics.json.
        trained: from the train stage.
        data: the validated rows.
    """
    made = _find(client, evaluation["run_id"]) or find_restored(client, evaluation["run_id"])
    if made is not None and is_stored(client, made.data.tags.get(MODEL_ID, "")):
        return Run(client, made.info.run_id, made.data.tags[MODEL_ID])
    # with the versions of whoever trained it, not of whoever restores it; with none if they are not known
    claims = {RESTORED: evaluation["run_id"], "versions": json.dumps(trained.versions)}
    with model_run(params, "register", data, **claims) as new:
        run = _with_model(new, params, trained.model_id, data)
        log_evaluation(run, evaluation)
    return run


def _find(client: "MlflowClient", run_id: str) -> "Made | None":
    """Return a run; None if this store has never had it or it was deleted."""
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return run if run.info.lifecycle_stage == "active" else None


def find_restored(client: "MlflowClient", run_id: str) -> "Made | None":
    """Return the run that was put into this store in place of another store's."""
    experiment = store.experiment_id(client, store.experiment_name())
    same = f"tags.`{RESTORED}` = '{run_id}' AND tags.`{EVALUATED}` = 'true'"
    found = client.search_runs(
        [experiment], filter_string=same, max_results=1, order_by=["attributes.start_time DESC"]
    )
    return found[0] if found else None


def _name(client: "MlflowClient", experiment: str, model_type: str) -> dict[str, str]:
    """Name a run after its model and its DVC experiment, or else the next free number."""
    prefix = f"{store.experiment_name()}-{model_type}"
    if name := os.environ.get("DVC_EXP_NAME"):
        return {"mlflow.runName": f"{prefix}-{name}"}
    last = client.search_runs(
        [experiment],
        filter_string=f"tags.`{NUMBER}` LIKE '%'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    number = int(last[0].data.tags[NUMBER]) + 1 if last else 1
    return {"mlflow.runName": f"{prefix}-{number}", NUMBER: str(number)}


def _with_model(run: Run, params: Params, model_id: str, data: Dataset) -> Run:
    """Make a logged model the output of the active run, logging it if this store does not have it."""
    if not is_stored(run.client, model_id):
        pipeline, rows = read_model(MODEL, "train"), data.train_rows[data.columns.features]
        known = Known.of(rows, data.train_target, pipeline, params.data, data.columns)
        return log_model(run, pipeline, rows, known, file_md5(MODEL))
    if run.client.get_run(run.id).data.tags.get(MODEL_ID) != model_id:
        from mlflow.entities import LoggedModelOutput

        run.client.log_outputs(run.id, [LoggedModelOutput(model_id, step=0)])
        run.client.set_tag(run.id, MODEL_ID, model_id)
    return replace(run, model_id=model_id)
