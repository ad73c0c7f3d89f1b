"""Finding a registered model by its name; if MLflow has none, whether it was renamed there.

The name is in params.yaml, which does not change when a model is renamed in MLflow.
"""

from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..tracking import store
from ..tracking.absence import is_absent
from .lost import runs_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import RegisteredModel


def registered_model(client: "MlflowClient", name: str) -> "RegisteredModel":
    """Return a registered model, with its aliases.

    Raises:
        UserError: the store has none of this name.
    """
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(name)
    except MlflowException as error:
        if not is_absent(error):
            raise
        check_not_renamed(client, name)
        hidden = ", and may this account see it" if error.error_code == "PERMISSION_DENIED" else ""
        raise UserError(
            f"the tracking store has no model {name!r}; `dvc repro` registers one, if it passes the gates "
            f"(is MLFLOW_TRACKING_URI the right store{hidden}?)"
        ) from None


def check_not_renamed(client: "MlflowClient", name: str, versions: str = "") -> None:
    """Check that no version of this project that was registered under a name now belongs to another model.

    Args:
        client: the store's client.
        name: a name that no registered model in the store has.
        versions: the filter, in MLflow's syntax, for the versions to look at; empty for all.

    Raises:
        UserError: there is such a version; names the model that has it.
    """
    candidates = client.search_model_versions(versions or None, max_results=1000)
    experiment = client.get_experiment_by_name(store.experiment_name())
    runs = runs_of(client, candidates) if experiment else {}
    for version in candidates:
        run = runs.get(version.run_id)
        if not run or not experiment or run.info.experiment_id != experiment.experiment_id:
            continue
        if version.name != name and run.data.params.get("register.name") == name:
            raise UserError(
                f"the tracking store has no model {name!r}, and {version.name!r} has versions that were "
                f"registered under that name: was it renamed? set `register.name: {version.name}` in "
                "params.yaml"
            )
