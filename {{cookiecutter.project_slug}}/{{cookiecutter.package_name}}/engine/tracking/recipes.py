"""How a run was made, read from its record, and whether that is enough to make it again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..base.paths import PARAMS
from ..lineage.lineage import DIFF, LACKS, LEFT_OUT, TROUBLE
from ..lineage.published import BASE, SINCE, SINCE_MD5
from .abandoned import FAILURE
from .artifacts import read_artifact
from .lineage_record import check_unchanged, read_record
from .records import EVALUATED
from .searches import SEARCH, TRIAL

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


@dataclass(frozen=True)
class Recipe:
    """How a run was made.

    Attributes:
        commit: the commit of its code.
        diff: the uncommitted changes, as a patch that `git apply` accepts; empty if there were none.
        base: an ancestor of the commit that is more likely to stay; empty if that is the commit itself.
        since: all changes since `base`, as a patch.
        params: the content of params.yaml.
        data_md5: the md5 of the raw data; empty if it was not recorded.
        dependencies: the md5 of each file that the run's stage depended on, by path.
        versions: the versions of the libraries, by name.
        left_out: the uncommitted changes that are not in `diff`, and why; empty if all are in it.
        lacks: whether a rerun may need one of the changes that were left out.
    """

    commit: str
    diff: bytes
    base: str
    since: bytes
    params: bytes
    data_md5: str
    dependencies: dict[str, str]
    versions: dict[str, str]
    left_out: str
    lacks: bool


def read_recipe(client: "MlflowClient", run: "Run") -> Recipe:
    """Read how a run was made.

    Raises:
        UserError: the run cannot be made again; the message says why.
    """
    tags = run.data.tags
    if reason := _why_not(run):
        raise UserError(f"run {run.info.run_id} ({run.info.run_name}) {reason}")
    diff = read_artifact(client, run.info.run_id, DIFF) if "git.diff" in tags else b""
    since = read_artifact(client, run.info.run_id, SINCE) if SINCE_MD5 in tags else b""
    params = read_artifact(client, run.info.run_id, PARAMS.name)
    files = ((DIFF, diff, "git.diff"), (SINCE, since, SINCE_MD5), (PARAMS.name, params, "params.md5"))
    for name, content, tag in files:
        check_unchanged(name, content, tag, tags)
    return Recipe(
        tags["git.commit"],
        diff,
        tags.get(BASE, ""),
        since,
        params,
        tags.get("data.md5", ""),
        *read_record(client, run.info.run_id, tags),
        tags.get(LEFT_OUT, ""),
        LACKS in tags,
    )


def _why_not(run: "Run") -> str:
    """Return why a run cannot be made again; empty if it can."""
    tags, status = run.data.tags, run.info.status
    if tags.get("dvc.stage") == "validate":
        return "is a validation of data: it has no model and no metrics"
    if EVALUATED not in tags and (SEARCH in tags or TRIAL in tags):
        return "is a search of `tune`, or a trial of one: it has no model before `dvc repro` trains one"
    if "dvc.stage" not in tags:
        return "was not made by a stage of the pipeline, so its code is not on record"
    if EVALUATED not in tags and (FAILURE in tags or status in ("FAILED", "KILLED")):
        reason = tags.get(FAILURE, "no reason is on record")
        return f"is {status} and has no metrics: {reason.splitlines()[0]}"
    if EVALUATED not in tags:
        return "has no metrics: " + ("it is still running" if status == "RUNNING" else "it was not evaluated")
    if "git.commit" not in tags:
        return f"has no commit on record: {tags.get(TROUBLE, 'there was none yet, or no git')}"
    if tags.get("git.dirty") == "unknown":
        reason = tags.get(TROUBLE, "git failed")
        return f"has no record of the uncommitted changes to its code: {reason}"
    return ""
