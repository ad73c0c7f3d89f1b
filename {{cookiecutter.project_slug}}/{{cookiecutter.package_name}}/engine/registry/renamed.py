"""Whether a registered model that is not there was renamed in MLflow, where params.yaml does not follow."""

from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..tracking import store
from .lost import runs_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


def check(client: "MlflowClient", name: str, versions: str = "") -> None:
    """Look for this project's versions that were made under a name, and are another model's.

    Args:
        client: of the store.
        name: of which it has no registered model.
        versions: MLflow's filter of those that count; empty: all.

    Raises:
        UserError: there is one; names the model that has it.
    """
    found = client.search_model_versions(versions or None, max_results=1000)
    experiment = client.get_experiment_by_name(store.experiment_name())
    runs = runs_of(client, found) if experiment else {}
    for version in found:
        run = runs.get(version.run_id)
        if not run or not experiment or run.info.experiment_id != experiment.experiment_id:
            continue
        if version.name != name and run.data.params.get("register.name") == name:
            raise UserError(
                f"the tracking store has no model {name!r}, and {version.name!r} has versions that were made "
                f"under that name: was it renamed? set `register.name: {version.name}` in params.yaml"
            )
