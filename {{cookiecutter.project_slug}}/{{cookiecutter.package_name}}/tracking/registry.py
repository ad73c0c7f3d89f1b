"""Registered models: versions told apart by their content, and the aliases that say what they are for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import lineage
from .models import is_stored
from .runs import ModelRun

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from sklearn.pipeline import Pipeline

CHAMPION = "champion"  # in production
CHALLENGER = "challenger"  # passed the gates, awaits approval
CONTENT = "model.md5"  # the tag with DVC's md5 of the model file


@dataclass(frozen=True)
class Registry:
    """The versions of one registered model."""

    client: "MlflowClient"
    name: str

    def with_alias(self, alias: str) -> "ModelVersion | None":
        """Return the version that has an alias, if any."""
        from mlflow.exceptions import MlflowException

        try:
            return self.client.get_model_version_by_alias(self.name, alias)
        except MlflowException as error:  # the alias or the whole model is not there yet
            if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
                return None
            raise

    def with_content(self, md5: str) -> "ModelVersion | None":
        """Return the first version whose model file has this md5, if any that still has its files."""
        found = self.client.search_model_versions(
            f"name = '{self.name}' AND tags.`{CONTENT}` = '{md5}'", order_by=["version_number ASC"]
        )
        intact = (v for v in found if is_stored(self.client, v.source.removeprefix("models:/")))
        return next(intact, None)

    def add(self, run: ModelRun, md5: str) -> "ModelVersion":
        """Make a run's model the next version, with the run's lineage in its tags.

        Args:
            run: the run and its logged model.
            md5: DVC's md5 of the model file.
        """
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        tags = {CONTENT: md5, **lineage.of_version(self.client.get_run(run.run_id).data.tags)}
        return self.client.create_model_version(
            self.name, f"models:/{run.model_id}", run.run_id, tags=tags, model_id=run.model_id
        )

    def set_alias(self, alias: str, version: str) -> None:
        """Move an alias to a version."""
        self.client.set_registered_model_alias(self.name, alias, version)


def load(version: "ModelVersion") -> "Pipeline":
    """Load a version as the scikit-learn pipeline it was logged as."""
    import mlflow

    pipeline: Any = mlflow.sklearn.load_model(f"models:/{version.name}/{version.version}")
    return pipeline
