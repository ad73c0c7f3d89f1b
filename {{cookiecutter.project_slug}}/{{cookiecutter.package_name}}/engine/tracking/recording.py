"""A run from its beginning to its end."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..base.hashing import file_md5
from ..base.paths import project_root
from ..base.text import masked
from ..lineage import snapshot
from ..lineage.lineage import DIFF, Lineage
from ..lineage.published import BASE, SINCE, SINCE_MD5, since_published
from . import store
from .abandoned import FAILURE, process_tag
from .clones import CLONE, clone
from .run import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient


@contextmanager
def data_run(path: Path) -> Iterator[Run]:
    """Record a validation as a run of the data's own experiment."""
    client = store.connect()
    experiment = store.experiment_id(client, store.data_experiment_name())
    name = f"{store.data_experiment_name()}-{file_md5(path)[:8]}"
    lineage = Lineage.of("validate")
    with active(create_run(client, experiment, lineage, {"mlflow.runName": name})) as run:
        yield run


def create_run(client: "MlflowClient", experiment: str, lineage: Lineage, tags: Mapping[str, str]) -> Run:
    """Create a run with its lineage."""
    for note in lineage.notes:
        print(note, flush=True)
    made_of = lineage.tags
    mlflows_own = {
        "mlflow.user": made_of["user"],
        "mlflow.source.name": f"dvc.yaml:{made_of['dvc.stage']}",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": made_of.get("git.commit", ""),
        CLONE: clone(project_root()),
    }
    artifacts = {DIFF: lineage.diff}
    if made_of["dvc.stage"] != "validate":
        base, artifacts[SINCE] = since_published(made_of.get("git.commit", ""))
        if base:
            made_of = {**made_of, BASE: base}
        if artifacts[SINCE]:
            made_of = {**made_of, SINCE_MD5: hashlib.md5(artifacts[SINCE]).hexdigest()}
    all_tags = {**mlflows_own, **made_of, **process_tag(), **tags}
    run = Run(client, str(client.create_run(experiment, tags=all_tags).info.run_id))
    for name, content in artifacts.items():
        if content:
            run.log_file(name, content)
    return run


@contextmanager
def active(run: Run) -> Iterator[Run]:
    """Make a run the active one, then FINISHED, or, if the block raises, FAILED with the reason."""
    import mlflow

    with mlflow.start_run(run_id=run.id, tags=process_tag()) as resumed:
        if FAILURE in resumed.data.tags:
            run.client.delete_tag(run.id, FAILURE)
        try:
            yield run
            snapshot.check()
        except BaseException as error:
            reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            if isinstance(error, KeyboardInterrupt):
                reason = "interrupted"
            run.client.set_tag(run.id, FAILURE, masked(reason)[:5000])
            raise
