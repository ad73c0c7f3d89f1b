"""Runs of models that another store recorded, restored in this store from the files of DVC."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..base.paths import PREDICTIONS
from ..judging.prediction import read_predictions
from ..lineage.trained import Trained
from ..params import Params
from ..split.dataset import Dataset
from . import store
from .model_runs import find_run, model_run, with_model
from .models import MODEL_ID, is_stored
from .predicted import log_predicted
from .records import EVALUATED, log_evaluation
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

RESTORED = "restored.from"  # the tag with the run, in another store, that this one stands for


def evaluated_run(
    client: "MlflowClient",
    params: Params,
    evaluation: Mapping[str, Any],
    trained: Trained,
    data: Dataset,
) -> Run:
    """Return the run that has the model and its metrics; restore it from DVC's files if this store lacks it.

    A fresh clone with its own store lacks it: DVC brought the results, and no stage ran.

    Args:
        client: the store's client.
        params: the parameters to log in a restored run.
        evaluation: from `read_evaluation`.
        trained: from the train stage.
        data: the validated rows.
    """
    run_id = evaluation["run_id"]
    recorded = find_run(client, run_id) or find_restored(client, run_id)
    if recorded is not None and is_stored(client, recorded.data.tags.get(MODEL_ID, "")):
        return Run(client, recorded.info.run_id, recorded.data.tags[MODEL_ID])
    # the versions of the libraries are those of the training, not those here; none if they are not known
    with model_run(params, "register", data, {RESTORED: run_id}, trained.versions) as new:
        run = with_model(new, params, trained.model_id, data)
        log_evaluation(run, evaluation)
        log_predicted(run, read_predictions(PREDICTIONS, params.data.task))
    return run


def find_restored(client: "MlflowClient", run_id: str) -> "MlflowRun | None":
    """Return the newest run of this store that stands for a run of another store; None if there is none."""
    experiment = store.experiment_id(client, store.experiment_name())
    restored = client.search_runs(
        [experiment],
        filter_string=f"tags.`{RESTORED}` = '{run_id}' AND tags.`{EVALUATED}` = 'true'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    return restored[0] if restored else None
