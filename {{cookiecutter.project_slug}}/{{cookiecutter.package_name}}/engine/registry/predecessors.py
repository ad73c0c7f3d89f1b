"""The versions that a new one would succeed, and whether they are versions of the same model.

A version belongs to another model if it has another target, or a class or a column that the table no longer
has. A model must not succeed such a version: a program that loads `@champion` would get something else. With
a new class or column, it is still the same model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.paths import PACKAGE, PARAMS
from ..judging.champion import Champion
from ..judging.gate import Gate
from ..params import Data, Params
from ..table.kind import TableKind
from ..tracking.columns import known_of
from .loading import champion_to_beat, columns_of, uri_of
from .registry import CHALLENGER, CHAMPION, CONTENT, Registry

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

LISTED = 5  # names that a message lists


@dataclass(frozen=True)
class Predecessors:
    """The versions that a model would succeed.

    Attributes:
        versions: by their alias; None if no version has it.
        champion: the champion to compare with; None if there is none, or if it is this very model or a
            version of another one.
        gates: a failed gate for each version with an alias that belongs to another model.
    """

    versions: "dict[str, ModelVersion | None]"
    champion: Champion | None
    gates: list[Gate]

    @classmethod
    def of(cls, models: Registry, params: Params, md5: str) -> "Predecessors":
        """Look at the versions that have an alias.

        Args:
            models: the registered model's versions.
            params: the current parameters.
            md5: the md5 of the file of the model that would succeed them.

        Raises:
            UserError: the validated table cannot be read.
        """
        table = TableKind(params.data.target)
        versions = versions_with_alias(models)
        others = [
            (alias, version, reason)
            for alias, version in versions.items()
            if version and version.tags.get(CONTENT) != md5
            if (reason := difference(version, params.data, table))
        ]
        is_other = any(alias == CHAMPION for alias, *_ in others)
        champion = None if is_other else champion_to_beat(models.client, versions[CHAMPION], md5)
        return cls(versions, champion, [_other(*other) for other in others])


def versions_with_alias(models: Registry) -> "dict[str, ModelVersion | None]":
    """Return the version that has each alias; None if no version has it."""
    return {alias: models.with_alias(alias) for alias in (CHAMPION, CHALLENGER)}


def version_numbers(versions: "Mapping[str, ModelVersion | None]") -> dict[str, str | None]:
    """Return the number of the version that has each alias; None if no version has it."""
    return {alias: str(version.version) if version else None for alias, version in versions.items()}


def difference(version: "ModelVersion", data: Data, table: TableKind) -> str:
    """Say why a version belongs to another model than the current table; empty if it does not.

    If a version was logged before models described their target, only its columns are compared.
    """
    try:
        known = known_of(uri_of(version))
        takes = columns_of(version, known)
    except Exception:  # its files are gone, for example: the comparison with the champion reports that
        return ""
    target = known.get("target")
    if target and (reason := _other_target(target, data, table)):
        return reason
    gone = [name for name in takes if name not in table.columns]
    return f"takes the columns {_some(gone)}, which the table does not have" if gone else ""


def _other_target(target: Mapping[str, Any], data: Data, table: TableKind) -> str:
    """Say how a version's target differs from the current one; empty if it does not."""
    if target["name"] != data.target:
        return f"predicts {target['name']}, not {data.target}"
    classes = target.get("categories")
    if (classes is None) is not (data.task == "regression"):
        return f"predicts {'numbers' if classes is None else 'classes'}, and the task is {data.task}"
    gone = [name for name in classes or () if name not in table.classes]
    return f"knows the classes {_some(gone)}, which {data.target} does not have" if gone else ""


def _other(alias: str, version: "ModelVersion", reason: str) -> Gate:
    """Return the failed gate for a version of another model."""
    archive = f"`python -m {PACKAGE} archive {version.version} --force --reason ...`"
    wanted = f"the same model: set another `register.name` in {PARAMS}, or {archive}"
    return Gate(f"@{alias}", wanted, f"version {version.version} {reason}", False)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
