"""A model version loaded as a scikit-learn pipeline, and the columns that it takes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..judging.champion import Champion
from ..tracking import carried
from ..tracking.columns import known_of
from ..tracking.rows import learned_by
from .registry import CONTENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from sklearn.pipeline import Pipeline


def uri_of(version: "ModelVersion") -> str:
    """Return the URI of a version in MLflow."""
    return f"models:/{version.name}/{version.version}"


def load(version: "ModelVersion") -> "Pipeline":
    """Load a version as the scikit-learn pipeline that was logged, with the code that it carries."""
    pipeline: Any = carried.load(uri_of(version))
    return pipeline


def input_columns(version: "ModelVersion") -> list[str]:
    """List the columns that a version takes; empty if it does not say."""
    return columns_of(version, known_of(uri_of(version)))


def columns_of(version: "ModelVersion", known: Mapping[str, Any]) -> list[str]:
    """List the columns that a version takes; empty if it does not say.

    A version that was logged before models described their columns has only a signature, which is read then.

    Args:
        version: the version.
        known: what `known_of` returns for it.
    """
    import mlflow

    if known:
        return [column["name"] for column in known["inputs"]]
    signature = mlflow.models.get_model_info(uri_of(version)).signature
    return list(signature.inputs.input_names()) if signature and signature.inputs else []


def champion_to_beat(client: "MlflowClient", champion: "ModelVersion | None", md5: str) -> Champion | None:
    """Describe the champion that a model is compared with.

    Args:
        client: the store's client.
        champion: the version that has the alias, if any.
        md5: the md5 of the model's file.

    Returns:
        None if there is no champion, or if the champion is this very model.
    """
    if champion is None or champion.tags.get(CONTENT) == md5:
        return None
    return Champion(str(champion.version), lambda: load(champion), lambda: learned_by(client, champion))
