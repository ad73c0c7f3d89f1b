"""What this account may do with the project on the tracking server."""

from typing import TYPE_CHECKING

from ..tracking import rights, store
from ..tracking.absence import is_absent

if TYPE_CHECKING:
    from mlflow import MlflowClient


def levels(client: "MlflowClient", model: str) -> list[dict[str, str]]:
    """List what the roles have rights for, and the level that this account has; empty if it cannot see it.

    Args:
        client: the client of a server with accounts.
        model: the registered model's name.
    """
    names = [store.experiment_name(), store.data_experiment_name(), f"{model}-history"]
    found = {name: _experiment(client, name) for name in names}
    rows = [("experiment", name, rights.EXPERIMENT, id) for name, id in found.items()]
    rows.append(("model", model, rights.MODEL, model))
    return [
        {"what": what, "name": name, "right": rights.level(client, kind, id) if id else ""}
        for what, name, kind, id in rows
    ]


def _experiment(client: "MlflowClient", name: str) -> str:
    """Return the id of an experiment; empty if there is none that this account can see."""
    from mlflow.exceptions import MlflowException

    try:
        experiment = client.get_experiment_by_name(name)
    except MlflowException as error:
        if not is_absent(error):
            raise
        return ""
    return str(experiment.experiment_id) if experiment else ""
