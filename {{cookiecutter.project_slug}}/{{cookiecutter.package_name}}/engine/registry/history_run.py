"""The run whose parameters are a registered model's history; renaming the model does not change it."""

from typing import TYPE_CHECKING
from uuid import uuid4

from ..base.errors import UserError
from ..tracking import store
from ..tracking.absence import is_absent
from .registered_model import registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

RUN = "history.run"  # the registered model's tag with the run's id; it stays when the model is renamed


def find(client: "MlflowClient", name: str) -> str:
    """Return the id of the run with a registered model's history; empty if it has none yet.

    Raises:
        UserError: the store has no such model, or somebody deleted the history.
    """
    run_id = registered_model(client, name).tags.get(RUN, "") or _untagged(client, name)
    if run_id:
        _check_not_deleted(client, name, run_id)
    return run_id


def find_or_start(client: "MlflowClient", name: str) -> str:
    """Return the id of the run with a registered model's history; create the run if there is none.

    Raises:
        UserError: for the same reasons as `find`.
    """
    title = f"{name}-history"
    run_id = find(client, name) or _start(client, name, title)
    if registered_model(client, name).tags.get(RUN) != run_id:
        client.set_registered_model_tag(name, RUN, run_id)
    experiment = client.get_experiment(client.get_run(run_id).info.experiment_id)
    if experiment.name != title and client.get_experiment_by_name(title) is None:  # the model was renamed
        client.rename_experiment(experiment.experiment_id, title)
    return run_id


def _untagged(client: "MlflowClient", name: str) -> str:
    """Return the id of the history's run if the model has no tag yet; empty if there is no such run.

    Raises:
        UserError: somebody deleted the run.
    """
    title = f"{name}-history"
    if client.get_experiment_by_name(title) is None:
        return ""
    experiment = store.experiment_id(client, title)  # raises UserError if it is deleted
    runs = client.search_runs([experiment], max_results=1, order_by=["attributes.start_time ASC"])
    if not runs:
        raise UserError(f"the experiment {title!r} has no run: somebody deleted the history; restore it")
    run_id = str(runs[0].info.run_id)
    return "" if _others_with(client, name, run_id) else run_id


def _others_with(client: "MlflowClient", name: str, run_id: str) -> list[str]:
    """List the models that had this model's name before, so that a run is their history."""
    tagged = client.search_registered_models(f"tags.`{RUN}` = '{run_id}'")
    return [model.name for model in tagged if model.name != name]


def _check_not_deleted(client: "MlflowClient", name: str, run_id: str) -> None:
    """Check that the run of a history and its experiment exist.

    Raises:
        UserError: somebody deleted one of them; says how to restore it.
    """
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
        experiment = client.get_experiment(run.info.experiment_id)
    except MlflowException as error:
        if not is_absent(error):
            raise
        hidden = " or hidden from this account" if error.error_code == "PERMISSION_DENIED" else ""
        raise UserError(f"the run {run_id} of the history of {name!r} was deleted for good{hidden}") from None
    store.experiment_id(client, experiment.name)  # raises UserError if the experiment is deleted
    if run.info.lifecycle_stage == "deleted":
        how = f"`mlflow runs restore --run-id {run_id}`"
        raise UserError(f"somebody deleted the history of {name!r}; restore it with {how}")


def _start(client: "MlflowClient", name: str, title: str) -> str:
    """Create the experiment with a title, and the run; return the run's id.

    Another process may do so at the same time; then the run that it has created is used.
    """
    from mlflow.exceptions import MlflowException

    # an experiment with this title belongs to a model that had this name, and is renamed with it
    if before := client.get_experiment_by_name(title):
        runs = client.search_runs([before.experiment_id], max_results=1)
        for other in _others_with(client, name, str(runs[0].info.run_id)):
            find_or_start(client, other)
    # created under another name, then renamed: of two processes only one can take the title
    draft = store.experiment_id(client, f"{title}-{uuid4().hex}")
    client.set_terminated(client.create_run(draft, run_name=title).info.run_id)
    try:
        client.rename_experiment(draft, title)
    except MlflowException:
        client.delete_experiment(draft)
        if client.get_experiment_by_name(title) is None:
            raise
    return _untagged(client, name)
