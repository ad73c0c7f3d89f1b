"""Registered models: versions told apart by their content, and the aliases that say what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..judging.champion import Champion
from ..lineage import lineage
from ..tracking import carried
from ..tracking.columns import described, known_of
from ..tracking.models import is_stored
from ..tracking.pages import all_pages
from ..tracking.rows import learned_by
from ..tracking.run import Run
from . import renamed

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel
    from sklearn.pipeline import Pipeline

CHAMPION = "champion"  # in production
CHALLENGER = "challenger"  # passed the gates, awaits approval
CONTENT = "model.md5"  # the tag with DVC's md5 of the model file
ARCHIVED = "archived"  # the tag of a version that is not to be used any more, with the date


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

    def called(self, name: str) -> "ModelVersion | None":
        """Return the version that a person means by `3` or `@champion`, if there is one."""
        from mlflow.exceptions import MlflowException

        if name.startswith("@"):
            return self.with_alias(name.removeprefix("@"))
        try:
            return self.client.get_model_version(self.name, name)
        except MlflowException as error:
            if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
                return None
            raise

    def version(self, name: str) -> "ModelVersion":
        """Return the version that a person means by `3` or `@champion`.

        Raises:
            UserError: there is none, or no model at all; says what there is.
        """
        if version := self.called(name):
            return version
        registered_model(self.client, self.name)
        raise UserError(f"{name}: no version of {self.name!r} is called that; there are: {self.listed()}")

    def versions(self) -> "list[ModelVersion]":
        """Return all versions with their aliases, the newest first.

        Raises:
            UserError: there is no model of this name.
        """
        aliases: dict[str, list[str]] = {}
        for alias, number in registered_model(self.client, self.name).aliases.items():
            aliases.setdefault(str(number), []).append(alias)
        found = all_pages(
            self.client.search_model_versions,
            filter_string=f"name = '{self.name}'",
            order_by=["version_number DESC"],
        )
        for version in found:
            version.aliases = sorted(aliases.get(str(version.version), []))
        return found

    def listed(self) -> str:
        """List the versions with their aliases, the newest first, for a message."""
        aliases: dict[str, list[str]] = {}
        for model in self.client.search_registered_models(f"name = '{self.name}'"):
            for alias, number in model.aliases.items():
                aliases.setdefault(str(number), []).append(f" @{alias}")
        found = self.client.search_model_versions(
            f"name = '{self.name}'", max_results=10, order_by=["version_number DESC"]
        )
        return ", ".join(str(v.version) + "".join(aliases.get(str(v.version), [])) for v in found) or "none"

    def with_content(self, md5: str) -> "ModelVersion | None":
        """Return the first version whose model file has this md5, if any that still has its files."""
        found = self.client.search_model_versions(
            f"name = '{self.name}' AND tags.`{CONTENT}` = '{md5}'", order_by=["version_number ASC"]
        )
        intact = (v for v in found if is_stored(self.client, v.source.removeprefix("models:/")))
        return next(intact, None)

    def add(self, run: Run, md5: str) -> "ModelVersion":
        """Make a run's model the next version, with the run's lineage in its tags.

        Whoever adds the same content at the same moment gets the same version: the first of them.

        Args:
            run: the run and its logged model.
            md5: DVC's md5 of the model file.

        Raises:
            UserError: the model was renamed in MLflow.
        """
        from mlflow.exceptions import MlflowException

        if not self.client.search_registered_models(f"name = '{self.name}'", max_results=1):
            renamed.check(self.client, self.name, f"tags.`{CONTENT}` = '{md5}'")
        try:
            self.client.create_registered_model(self.name)
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
            description=described(known_of(source)),
            model_id=run.model_id,
        )
        first = self.with_content(md5) or added
        if str(first.version) != str(added.version):
            try:
                self.client.delete_model_version(self.name, str(added.version))
            except MlflowException as error:  # to delete takes more of a right than to add
                if error.error_code != "PERMISSION_DENIED":
                    raise
                same = f"the same model as version {first.version}, registered at the same moment"
                self.client.set_model_version_tag(self.name, str(added.version), ARCHIVED, same)
        return first


def registered_model(client: "MlflowClient", name: str) -> "RegisteredModel":
    """Return a registered model, with its aliases.

    Raises:
        UserError: the store has none of this name.
    """
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        renamed.check(client, name)
        raise UserError(
            f"the tracking store has no model {name!r}; `dvc repro` registers one, if it passes the gates "
            "(is MLFLOW_TRACKING_URI the right store?)"
        ) from None


def champion_to_beat(client: "MlflowClient", champion: "ModelVersion | None", md5: str) -> Champion | None:
    """Describe the champion; None if there is none, or it is the model of this md5 itself."""
    if champion is None or champion.tags.get(CONTENT) == md5:
        return None
    return Champion(str(champion.version), lambda: load(champion), lambda: learned_by(client, champion))


def load(version: "ModelVersion") -> "Pipeline":
    """Load a version as the scikit-learn pipeline it was logged as, with the code that it carries."""
    pipeline: Any = carried.load(uri_of(version))
    return pipeline


def uri_of(version: "ModelVersion") -> str:
    """Return the URI by which MLflow finds a version."""
    return f"models:/{version.name}/{version.version}"


def input_columns(version: "ModelVersion") -> list[str]:
    """List the columns that a version takes; empty if it does not say."""
    return columns_of(version, known_of(uri_of(version)))


def columns_of(version: "ModelVersion", known: Mapping[str, Any]) -> list[str]:
    """List the columns that a version takes, by what it knows; empty if it does not say.

    A version from before models knew their columns has them in its signature.
    """
    import mlflow

    if known:
        return [column["name"] for column in known["inputs"]]
    signature = mlflow.models.get_model_info(uri_of(version)).signature
    return list(signature.inputs.input_names()) if signature and signature.inputs else []
