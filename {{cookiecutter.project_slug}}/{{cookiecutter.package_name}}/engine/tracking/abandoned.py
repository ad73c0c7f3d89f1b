"""Runs whose process was killed: MLflow would show them as RUNNING for ever."""

import os
import socket
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROCESS = "process"  # the tag with host, process id and when the process started, in seconds
FAILURE = "failure"  # the tag with the reason of a run that did not finish
DAY = 24 * 3600
SILENCE = 7 * DAY  # after which a run of another machine, whose processes cannot be seen, is given up


def process_tag() -> dict[str, str]:
    """Name the process that a run is recorded by, so that a later one can tell whether it lives."""
    return {PROCESS: f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"}


def close_runs(client: "MlflowClient", experiments: list[str]) -> None:
    """End the runs that nobody records any more as KILLED, with the reason in the tag `failure`.

    Args:
        client: of the store.
        experiments: the ids of those to look in.
    """
    if not experiments:
        return
    for run in client.search_runs(experiments, filter_string="attributes.status = 'RUNNING'"):
        said = run.data.tags.get(PROCESS, "")
        age = time.time() - run.info.start_time / 1000
        # read again: it may have ended of itself since it was listed
        if not _lives(said, age) and client.get_run(run.info.run_id).info.status == "RUNNING":
            client.set_tag(
                run.info.run_id, FAILURE, f"its process ({said or 'unknown'}) ended without a word"
            )
            client.set_terminated(run.info.run_id, "KILLED")


def _lives(process: str, age: float) -> bool:
    """Tell whether a process of `process_tag` may still be there; `age` of its run in seconds."""
    try:
        host, pid, started = process.rsplit(" ", 2)
        if host != socket.gethostname():
            return age < SILENCE
        found = psutil.Process(int(pid))
        # the clock from which the system reckons a start may be set meanwhile
        same = abs(found.create_time() - float(started)) < 5
        # a killed process stays listed until its parent asks how it ended; in a container none may ask
        return bool(same and found.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False
    except (ValueError, psutil.AccessDenied):
        return age < SILENCE
