"""Runs whose process was killed: MLflow would show them as RUNNING forever."""

import os
import socket
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROCESS = "process"  # the tag with host, process id and the process's start in seconds since 1970
FAILURE = "failure"  # the tag with the reason of a run that did not finish
DAY = 24 * 3600
SILENCE = 7 * DAY  # after this time a run on another machine, whose processes cannot be seen, is ended


def process_tag() -> dict[str, str]:
    """Return a run's tag for the current process, by which a later process can tell whether it is alive."""
    return {PROCESS: f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"}


def close_runs(client: "MlflowClient", experiments: list[str]) -> None:
    """End the runs whose process is gone as KILLED, with the reason in the tag `failure`.

    Args:
        client: of the store.
        experiments: the ids of the experiments to search.
    """
    if not experiments:
        return
    for run in client.search_runs(experiments, filter_string="attributes.status = 'RUNNING'"):
        process = run.data.tags.get(PROCESS, "")
        age = time.time() - run.info.start_time / 1000
        # read again: the run may have ended since it was listed
        if not _may_be_alive(process, age) and client.get_run(run.info.run_id).info.status == "RUNNING":
            reason = f"its process ({process or 'unknown'}) ended without closing the run"
            client.set_tag(run.info.run_id, FAILURE, reason)
            client.set_terminated(run.info.run_id, "KILLED")


def _may_be_alive(tag: str, age: float) -> bool:
    """Tell whether the process in a run's tag may still be running.

    Args:
        tag: the value of `process_tag`; empty if the run has none.
        age: of the run, in seconds.
    """
    try:
        host, pid, started = tag.rsplit(" ", 2)
        if host != socket.gethostname():
            return age < SILENCE
        process = psutil.Process(int(pid))
        # 5 seconds: the clock by which the system computes a start may have been set meanwhile
        same = abs(process.create_time() - float(started)) < 5
        # a killed process stays listed until its parent reads its exit code; in a container none may do so
        return bool(same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False
    except (ValueError, psutil.AccessDenied):
        return age < SILENCE
