"""Runs of models: a new one for each training, which is never written over."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..base.files import read_model
from ..base.hashing import file_md5
from ..base.paths import MODEL, VALIDATED
from ..lineage.lineage import Lineage
from ..params import Params
from ..split.dataset import Dataset
from ..table.roles import unlisted
from . import store
from .absence import is_absent
from .columns import Known
from .datasets import Input, log_data
from .models import MODEL_ID, is_stored, log_model
from .recording import active, create_run
from .records import MAX_TAG, log_params
from .rows import log_learned
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

NUMBER = "run.number"  # the tag with the number in the name of a run outside of a DVC experiment


@contextmanager
def model_run(
    params: Params,
    stage: str,
    data: Dataset,
    tags: Mapping[str, str] = MappingProxyType({}),
    versions: dict[str, str] | None = None,
) -> Iterator[Run]:
    """Record a model in a new run, with its lineage, parameters and data.

    Args:
        params: the parameters to log in the run.
        stage: the name of the stage that is running.
        data: the validated rows.
        tags: further tags of the run.
        versions: the versions of the libraries that made the model; None for those installed here.

    Raises:
        UserError: the data cannot be read; no run is created then.
    """
    table, division, learned = data.description, data.division, data.learned
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    model_tags = {**_name(client, experiment, params.model.type), "model.type": params.model.type}
    model_tags |= division.tags()
    if inferred := unlisted(data.columns, params.data):
        model_tags["columns.inferred"] = (
            inferred if len(inferred) <= MAX_TAG else f"{inferred[: MAX_TAG - 1]}…"
        )
    lineage = Lineage.of(stage)
    if versions is not None:
        lineage = replace(lineage, versions=versions)
    with active(create_run(client, experiment, lineage, {**model_tags, **tags})) as run:
        log_params(run, params)
        log_data(run, Input(params.data.path, "raw"), Input(VALIDATED, "training", table))
        log_learned(run, learned)
        yield run


def find_run(client: "MlflowClient", run_id: str) -> "MlflowRun | None":
    """Return a run; None if this store does not have it, or if it was deleted."""
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if is_absent(error):
            return None
        raise
    return run if run.info.lifecycle_stage == "active" else None


def with_model(run: Run, params: Params, model_id: str, data: Dataset) -> Run:
    """Make a logged model the output of a run; log it first if this store does not have it.

    Args:
        run: the active run.
        params: the parameters with the units of the columns.
        model_id: the id of the logged model.
        data: the validated rows.

    Returns:
        The run, with the model's id.
    """
    if not is_stored(run.client, model_id):
        pipeline, rows = read_model(MODEL, "train"), data.train_rows[data.columns.features]
        known = Known.of(rows, data.train_target, pipeline, params.data, data.columns)
        return log_model(run, pipeline, rows, known, file_md5(MODEL))
    if run.client.get_run(run.id).data.tags.get(MODEL_ID) != model_id:
        from mlflow.entities import LoggedModelOutput

        run.client.log_outputs(run.id, [LoggedModelOutput(model_id, step=0)])
        run.client.set_tag(run.id, MODEL_ID, model_id)
    return replace(run, model_id=model_id)


def _name(client: "MlflowClient", experiment: str, model_type: str) -> dict[str, str]:
    """Return the tags that name a run: its DVC experiment or else the next number, and its model type.

    What distinguishes runs comes first, since MLflow's tables cut names off after some twenty characters.
    """
    if name := os.environ.get("DVC_EXP_NAME"):
        return {"mlflow.runName": f"{name}-{model_type}"}
    last = client.search_runs(
        [experiment],
        filter_string=f"tags.`{NUMBER}` LIKE '%'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    number = int(last[0].data.tags[NUMBER]) + 1 if last else 1
    return {"mlflow.runName": f"{number}-{model_type}", NUMBER: str(number)}
