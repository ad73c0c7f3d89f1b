"""The run whose parameters are a registered model's history; it stays the same when the model is renamed."""

from typing import TYPE_CHECKING
from uuid import uuid4

from ..base.errors import UserError
from ..tracking import store
from .registered_model import registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

RUN = "history.run"  # the registered model's tag with the run's id; it stays when the model is renamed


def run_of_history(client: "MlflowClient", name: str) -> str:
    """Return the id of the run with a registered model's history; creates the run if there is none.

    Raises:
        UserError: the store has no such model, or the history is deleted.
    """
    from mlflow.exceptions import MlflowException

    title, tagged = f"{name}-history", registered_model(client, name).tags.get(RUN, "")
    run_id = tagged or _find_or_create(client, name, title)
    try:
        run = client.get_run(run_id)
        experiment = client.get_experiment(run.info.experiment_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise UserError(f"the run {run_id} of the history of {name!r} was deleted for good") from None
    store.experiment_id(client, experiment.name)  # raises UserError if the experiment is deleted
    if run.info.lifecycle_stage == "deleted":
        how = f"`mlflow runs restore --run-id {run_id}`"
        raise UserError(f"somebody deleted the history of {name!r}; restore it with {how}")
    try:
        if not tagged:
            client.set_registered_model_tag(name, RUN, run_id)
        if experiment.name != title and client.get_experiment_by_name(title) is None:  # the model was renamed
            client.rename_experiment(experiment.experiment_id, title)
    except MlflowException as error:  # a user with read access only can do without
        if error.error_code != "PERMISSION_DENIED":
            raise
    return run_id


def _find_or_create(client: "MlflowClient", name: str, title: str) -> str:
    """Return the id of the run in the experiment with a title; creates both if there is none.

    Raises:
        UserError: somebody deleted the run.
    """
    from mlflow.exceptions import MlflowException

    if client.get_experiment_by_name(title) is None:
        # created under another name, then renamed: of two processes only one can take the title
        draft = store.experiment_id(client, f"{title}-{uuid4().hex}")
        client.set_terminated(client.create_run(draft, run_name=title).info.run_id)
        try:
            client.rename_experiment(draft, title)
        except MlflowException:
            client.delete_experiment(draft)
            if client.get_experiment_by_name(title) is None:
                raise
    experiment = store.experiment_id(client, title)
    runs = client.search_runs([experiment], max_results=1, order_by=["attributes.start_time ASC"])
    if not runs:
        raise UserError(f"the experiment {title!r} has no run: somebody deleted the history; restore it")
    run_id = str(runs[0].info.run_id)
    renamed = client.search_registered_models(f"tags.`{RUN}` = '{run_id}'")
    if others := [model.name for model in renamed if model.name != name]:
        run_of_history(client, others[0])  # that model had this name before: its history is renamed with it
        return _find_or_create(client, name, title)
    return run_id
