"""What can be told without MLflow's store: the branch, the pipeline, the data, the last results."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from ..base import git
from ..lineage.pipeline import made_by, stages
from ..lineage.sources import why_unavailable
from ..lineage.staleness import not_here, stale_stages
from ..reporting import revision
from .trials import unregistered

PATIENCE = 1.0  # seconds to wait for the remote


@dataclass(frozen=True)
class Workspace:
    """The state of the workspace.

    Attributes:
        branch: the branch that is checked out; a commit's first digits if none is.
        edited: how many files git tracks or would track that are not committed as they are.
        stale: what has changed, as texts, by the stage or `.dvc` file that is out of date.
        missing: the files that DVC tracks and that are not here.
        results: the results of the last run of the pipeline.
        unregistered: the experiment whose results these are, if its model waits for `apply`; otherwise empty.
        not_pushed: why others cannot get the data; empty if they can; None if the remote has not answered.
    """

    branch: str
    edited: int
    stale: dict[str, list[str]]
    missing: list[str]
    results: revision.Results
    unregistered: str
    not_pushed: str | None

    @property
    def version(self) -> dict[str, Any]:
        """Path, size and md5 of the raw table."""
        return self.results.data


def look() -> Workspace:
    """Look at the project in the current folder.

    Raises:
        UserError: a result file cannot be read, `dvc status` fails, or git refuses the repository.
    """
    results = revision.in_workspace()
    pushed = _soon(lambda: why_unavailable(results.data["md5"], Path(results.data["path"])))
    listed = git.text("status", "--porcelain", "--", ".") or ""
    return Workspace(
        branch=git.text("symbolic-ref", "--quiet", "--short", "HEAD")
        or (git.text("rev-parse", "--short", "HEAD") or "nothing is committed yet"),
        edited=len(listed.splitlines()),
        stale=_reasons(),
        missing=not_here(),
        results=results,
        unregistered=unregistered(),
        not_pushed=pushed(),
    )


def _reasons() -> dict[str, list[str]]:
    """Return why each stage is out of date, in the order of the pipeline.

    If a source has changed, what earlier stages write is left out: it will be written again.
    """
    changed, known = stale_stages(), stages()
    written, order = made_by(known), list(known)
    reasons = {
        stage: {name: keys for name, keys in files.items() if not _is_written(name, written)} or files
        for stage, files in sorted(
            changed.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1
        )
    }
    return {
        stage: [f"{name} ({', '.join(keys)})" if keys else name for name, keys in files.items()]
        for stage, files in reasons.items()
    }


def _is_written(name: str, written: set[str]) -> bool:
    return any(name == path or name.startswith(f"{path}/") for path in written)


def _soon(work: Callable[[], str]) -> Callable[[], str | None]:
    """Start asking a remote, in a thread that the process need not wait for.

    Returns:
        A callable that waits up to `PATIENCE` for the answer, and returns it, or None if there is none by
        then.
    """
    answers: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(work()), daemon=True).start()

    def answer() -> str | None:
        try:
            return answers.get(timeout=PATIENCE)
        except Empty:
            return None

    return answer
