"""What a run has recorded: how it was made, what came of it, and whether it could be made again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..base.paths import PARAMS, PLOTS, PREDICTIONS
from ..base.text import masked
from ..lineage.lineage import DIFF, LACKS, LEFT_OUT, TROUBLE
from ..lineage.published import BASE, SINCE, SINCE_MD5
from .abandoned import FAILURE
from .records import EVALUATED
from .searches import SEARCH, TRIAL

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

REPRODUCED = "reproduced"  # the tag with the verdict of the last attempt to make the run again
PREDICTIONS_LOGGED = f"{PLOTS.name}/{PREDICTIONS.name}"


@dataclass(frozen=True)
class Recipe:
    """How a run was made.

    Attributes:
        commit: of its code.
        diff: the uncommitted changes to it, as `git apply` takes them; empty if there were none.
        base: a commit before it, which is likelier to stay; empty if it is that itself.
        since: all changes to that.
        params: the content of params.yaml.
        data_md5: of the raw data; empty if it was not recorded.
        dependencies: the md5 of each file that its stage depended on.
        versions: of the libraries.
        left_out: the uncommitted changes that are not in `diff`, and why; empty if all are.
        lacks: whether one of them may be needed.
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


@dataclass(frozen=True)
class Result:
    """What came of a run: its metrics by name, and the predictions of every test row as CSV."""

    metrics: dict[str, float]
    predictions: str


def recipe(client: "MlflowClient", run: "Run") -> Recipe:
    """Read how a run was made.

    Raises:
        UserError: it cannot be made again; says why.
    """
    tags = run.data.tags
    if reason := _why_not(run):
        raise UserError(f"run {run.info.run_id} ({run.info.run_name}) {reason}")
    diff = artifact(client, run.info.run_id, DIFF) if "git.diff" in tags else b""
    since = artifact(client, run.info.run_id, SINCE) if SINCE_MD5 in tags else b""
    params = artifact(client, run.info.run_id, PARAMS.name)
    read = ((DIFF, diff, "git.diff"), (SINCE, since, SINCE_MD5), (PARAMS.name, params, "params.md5"))
    for name, content, md5 in read:
        digest = hashlib.md5(content).hexdigest()
        if tags.get(md5, digest) != digest:
            raise UserError(f"the run's {name} is not what its tag {md5} says: it was changed since")
    return Recipe(
        tags["git.commit"],
        diff,
        tags.get(BASE, ""),
        since,
        params,
        tags.get("data.md5", ""),
        {name.removeprefix("md5."): md5 for name, md5 in tags.items() if name.startswith("md5.")},
        json.loads(tags.get("versions", "{}")),
        tags.get(LEFT_OUT, ""),
        LACKS in tags,
    )


def result(client: "MlflowClient", run: "Run") -> Result:
    """Read what came of a run.

    Raises:
        UserError: the run does not have its predictions.
    """
    return Result(run.data.metrics, artifact(client, run.info.run_id, PREDICTIONS_LOGGED).decode("utf-8"))


def result_in(tracking_uri: str, run_id: str) -> Result:
    """Read what came of a run in another store."""
    import mlflow

    client = mlflow.MlflowClient(tracking_uri)
    return result(client, client.get_run(run_id))


def note(client: "MlflowClient", run: "Run", verdict: str) -> None:
    """Note on a run, with the date, what came of making it again."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    client.set_tag(run.info.run_id, REPRODUCED, masked(f"{now} {verdict}")[:500])


def _why_not(run: "Run") -> str:
    """Say why a run cannot be made again; empty if it can."""
    tags, status = run.data.tags, run.info.status
    if tags.get("dvc.stage") == "validate":
        return "is a validation of data: it has no model and no metrics"
    if EVALUATED not in tags and (SEARCH in tags or TRIAL in tags):
        return "is a search of `tune`, or a trial of one: no model comes of it before `dvc repro`"
    if "dvc.stage" not in tags:
        return "was not made by a stage of the pipeline, so that its code is not on record"
    if EVALUATED not in tags and (FAILURE in tags or status in ("FAILED", "KILLED")):
        return f"is {status} and has no metrics: {tags.get(FAILURE, 'it does not say why').splitlines()[0]}"
    if EVALUATED not in tags:
        return "has no metrics: " + ("it still runs" if status == "RUNNING" else "it was not evaluated")
    if "git.commit" not in tags:
        return f"has no commit on record: {tags.get(TROUBLE, 'there was none yet, or no git')}"
    if tags.get("git.dirty") == "unknown":
        reason = tags.get(TROUBLE, "git could not tell")
        return f"has no record of the uncommitted changes to its code: {reason}"
    return ""


def artifact(client: "MlflowClient", run_id: str, path: str) -> bytes:
    """Read a file that a run has logged.

    Raises:
        UserError: there is none.
    """
    from mlflow.exceptions import MlflowException

    with TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run_id, path, folder)).read_bytes()
        except (MlflowException, OSError) as error:
            reason = first_line(error)
            raise UserError(f"the run's artifact {path} cannot be read: {reason}") from None
