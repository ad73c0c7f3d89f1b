"""What a run depends on, read from its record: the md5 of each file, and the version of each library."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..base.errors import UserError
from ..lineage.lineage import RECORD, RECORD_MD5
from .artifacts import read_artifact

if TYPE_CHECKING:
    from mlflow import MlflowClient

OLD = "md5."  # runs of engines older than RECORD have a tag for each file, and the tag `versions`


class LineageRecord(NamedTuple):
    """What a run depends on.

    Attributes:
        dependencies: the md5 of each file, by path.
        versions: the versions of the libraries, by name.
    """

    dependencies: dict[str, str]
    versions: dict[str, str]


def read_record(client: "MlflowClient", run_id: str, tags: Mapping[str, str]) -> LineageRecord:
    """Read what a run depends on.

    Args:
        client: the store's client.
        run_id: the run's id.
        tags: the tags of the run or of its version.

    Raises:
        UserError: its record cannot be read, or was changed.
    """
    if RECORD_MD5 not in tags:
        files = {name.removeprefix(OLD): md5 for name, md5 in tags.items() if name.startswith(OLD)}
        return LineageRecord(files, json.loads(tags.get("versions", "{}")))
    content = read_artifact(client, run_id, RECORD)
    check_unchanged(RECORD, content, RECORD_MD5, tags)
    return LineageRecord(**json.loads(content))


def check_unchanged(name: str, content: bytes, tag: str, tags: Mapping[str, str]) -> None:
    """Check that a file of a run has the md5 that a tag gives, if there is such a tag.

    Raises:
        UserError: it has another one.
    """
    digest = hashlib.md5(content).hexdigest()
    if tags.get(tag, digest) != digest:
        raise UserError(f"the run's {name} does not match its tag {tag}: it was changed since")
