"""A run from its creation to its end."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..base.paths import project_root
from ..base.text import masked
from ..lineage import snapshot
from ..lineage.lineage import DIFF, RECORD, RECORD_MD5, Lineage
from ..lineage.published import BASE, SINCE, SINCE_MD5, since_published
from .abandoned import FAILURE, process_tag
from .clones import CLONE, clone_id
from .run import Run
from .who import Who

if TYPE_CHECKING:
    from mlflow import MlflowClient


def create_run(client: "MlflowClient", experiment: str, lineage: Lineage, tags: Mapping[str, str]) -> Run:
    """Create a run and log its lineage.

    Args:
        client: the store's client.
        experiment: the id of the run's experiment.
        lineage: its tags, diff and record are logged, its notes are printed.
        tags: further tags of the run.
    """
    for note in lineage.notes:
        print(note, flush=True)
    who = Who.of(client)
    lineage_tags = lineage.tags | who.tags
    record = lineage.record()
    mlflow_tags = {
        "mlflow.user": who.by,
        "mlflow.source.name": f"dvc.yaml:{lineage_tags['dvc.stage']}",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": lineage_tags.get("git.commit", ""),
        CLONE: clone_id(project_root()),
        RECORD_MD5: hashlib.md5(record).hexdigest(),
    }
    artifacts = {RECORD: record, DIFF: lineage.diff}
    if lineage_tags["dvc.stage"] != "validate":
        base, artifacts[SINCE] = since_published(lineage_tags.get("git.commit", ""))
        if base:
            lineage_tags = {**lineage_tags, BASE: base}
        if artifacts[SINCE]:
            lineage_tags = {**lineage_tags, SINCE_MD5: hashlib.md5(artifacts[SINCE]).hexdigest()}
    all_tags = {**mlflow_tags, **lineage_tags, **process_tag(), **tags}
    run = Run(client, str(client.create_run(experiment, tags=all_tags).info.run_id))
    with _failed_if_raised(run):
        for name, content in artifacts.items():
            if content:
                run.log_file(name, content)
    return run


@contextmanager
def active(run: Run) -> Iterator[Run]:
    """Make a run the active one; afterwards it is FINISHED or, if the block raises, FAILED with the reason.

    Raises:
        ChangedError: the stage's inputs changed within the block.
    """
    import mlflow

    with _failed_if_raised(run), mlflow.start_run(run_id=run.id, tags=process_tag()) as resumed:
        if FAILURE in resumed.data.tags:
            run.client.delete_tag(run.id, FAILURE)
        yield run
        snapshot.check()


@contextmanager
def _failed_if_raised(run: Run) -> Iterator[None]:
    """Make a run FAILED with the reason if the block raises, at whatever moment between creation and end."""
    try:
        yield
    except BaseException as error:
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        if isinstance(error, KeyboardInterrupt):
            reason = "interrupted"
        run.client.set_tag(run.id, FAILURE, masked(reason)[:5000])
        run.client.set_terminated(run.id, "FAILED")  # MLflow does so only once the run is the active one
        raise
