"""Registered models: versions identified by their content, and the aliases of their lifecycle."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..base.paths import PACKAGE
from ..lineage import lineage
from ..tracking.absence import ABSENT
from ..tracking.columns import known_of
from ..tracking.columns_table import described
from ..tracking.models import is_stored
from ..tracking.pages import all_pages
from ..tracking.run import Run
from .names import ARCHIVED as ARCHIVED
from .names import CANARY as CANARY
from .names import CHALLENGER as CHALLENGER
from .names import CHAMPION as CHAMPION
from .registered_model import check_not_renamed, registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel

DESCRIPTION = (
    f"The models of this project that passed their gates. `@{CHAMPION}` is in production, `@{CHALLENGER}` "
    f"awaits approval; `python -m {PACKAGE} history` lists who moved them, when and why."
)
CONTENT = "model.md5"  # the tag with DVC's md5 of the model file
NO_SUCH = ("INVALID_PARAMETER_VALUE", *ABSENT)  # MLflow's codes: no such alias or version


@dataclass(frozen=True)
class Registry:
    """The versions of one registered model."""

    client: "MlflowClient"
    name: str

    def with_alias(self, alias: str) -> "ModelVersion | None":
        """Return the version that has an alias; None if there is none."""
        return self.find(f"@{alias}")

    def find(self, name: str) -> "ModelVersion | None":
        """Return a version by its number or alias, `3` or `@champion`; None if there is none."""
        from mlflow.exceptions import MlflowException

        try:
            if name.startswith("@"):
                return self.client.get_model_version_by_alias(self.name, name.removeprefix("@"))
            return self.client.get_model_version(self.name, name)
        except MlflowException as error:
            if error.error_code in NO_SUCH:
                return None
            raise

    def version(self, name: str) -> "ModelVersion":
        """Return a version by its number or alias, `3` or `@champion`.

        Raises:
            UserError: there is no such version, or no such model; lists the versions that exist.
        """
        if version := self.find(name):
            return version
        registered_model(self.client, self.name)
        raise UserError(
            f"{name}: no version of {self.name!r} has this number or alias; there are: {self.listed()}"
        )

    def versions(self) -> "list[ModelVersion]":
        """Return all versions with their aliases, the newest first.

        Raises:
            UserError: there is no model of this name.
        """
        aliases = _aliases_by_version(registered_model(self.client, self.name))
        versions = all_pages(
            self.client.search_model_versions,
            filter_string=f"name = '{self.name}'",
            order_by=["version_number DESC"],
        )
        for version in versions:
            version.aliases = sorted(aliases.get(str(version.version), []))
        return versions

    def listed(self) -> str:
        """List the ten newest versions with their aliases, the newest first, for a message."""
        aliases: dict[str, list[str]] = {}
        for model in self.client.search_registered_models(f"name = '{self.name}'"):
            aliases |= _aliases_by_version(model)
        versions = self.client.search_model_versions(
            f"name = '{self.name}'", max_results=10, order_by=["version_number DESC"]
        )
        numbers = [str(version.version) for version in versions]
        return ", ".join(" @".join([number, *aliases.get(number, [])]) for number in numbers) or "none"

    def with_content(self, md5: str) -> "ModelVersion | None":
        """Return the oldest version whose model file has this md5 and still exists; None if there is none."""
        versions = self.client.search_model_versions(
            f"name = '{self.name}' AND tags.`{CONTENT}` = '{md5}'", order_by=["version_number ASC"]
        )
        intact = (v for v in versions if is_stored(self.client, v.source.removeprefix("models:/")))
        return next(intact, None)

    def of_run(self, run: str) -> "ModelVersion | None":
        """Return the newest version that was registered from a run; None if there is none."""
        versions = self.client.search_model_versions(
            f"name = '{self.name}' AND run_id = '{run}'", max_results=1, order_by=["version_number DESC"]
        )
        return next(iter(versions), None)

    def add(self, run: Run, md5: str, description: str = "") -> "ModelVersion":
        """Register a run's model as the next version, with the run's lineage in its tags.

        Processes that add the same content at the same moment all get the same version, the oldest one.

        Args:
            run: the run and its logged model.
            md5: DVC's md5 of the model file.
            description: what the version is and how good it is, in markdown; its columns are added to this.

        Raises:
            UserError: the model was renamed in MLflow.
        """
        from mlflow.exceptions import MlflowException

        if not self.client.search_registered_models(f"name = '{self.name}'", max_results=1):
            check_not_renamed(self.client, self.name, f"tags.`{CONTENT}` = '{md5}'")
        try:
            self.client.create_registered_model(self.name, description=DESCRIPTION)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        tags = {CONTENT: md5, **lineage.version_tags(self.client.get_run(run.id).data.tags)}
        source = f"models:/{run.model_id}"
        added = self.client.create_model_version(
            self.name,
            source,
            run.id,
            tags=tags,
            description=described(known_of(source), description),
            model_id=run.model_id,
        )
        oldest = self.with_content(md5) or added
        if str(oldest.version) != str(added.version):
            self._discard(added, f"the same model as version {oldest.version}, registered at the same moment")
        return oldest

    def _discard(self, version: "ModelVersion", reason: str) -> None:
        """Delete a version or, if this user may only add versions, archive it."""
        from mlflow.exceptions import MlflowException

        number = str(version.version)
        try:
            self.client.delete_model_version(self.name, number)
        except MlflowException as error:
            if error.error_code != "PERMISSION_DENIED":
                raise
            self.client.set_model_version_tag(self.name, number, ARCHIVED, reason)


def _aliases_by_version(model: "RegisteredModel") -> dict[str, list[str]]:
    aliases: dict[str, list[str]] = {}
    for alias, number in model.aliases.items():
        aliases.setdefault(str(number), []).append(alias)
    return aliases
