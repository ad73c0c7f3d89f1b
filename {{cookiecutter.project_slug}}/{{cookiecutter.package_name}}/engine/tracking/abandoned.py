"""Runs whose process was killed: MLflow would show them as RUNNING forever."""

import os
import socket
import time
import uuid
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .clones import CLONE

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROCESS = "process"  # the tag with host, machine, process id and the process's start in seconds since 1970
FAILURE = "failure"  # the tag with the reason of a run that did not finish
DAY = 24 * 3600
# a run on another machine, whose processes cannot be seen from here, is ended after this time
SILENCE = 7 * DAY


def process_tag() -> dict[str, str]:
    """Return a run's tag for the current process, by which a later process can tell whether it is alive."""
    import psutil

    start = psutil.Process().create_time()
    return {PROCESS: f"{socket.gethostname()} {machine()} {os.getpid()} {start:.0f}"}


@cache
def machine() -> str:
    """Return what identifies this machine since its last start: `BOOT/PROCESSES`.

    A host's name does not: several containers may have the same. On Linux, BOOT is the kernel's id of this
    start, and PROCESSES is the id of the set of process numbers, of which each container has its own.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink().name}"
    except OSError:
        return f"{uuid.getnode():x}/"


def close_runs(client: "MlflowClient", experiments: list[str], clone: str | None = None) -> None:
    """End the runs whose process is gone as KILLED, with the reason in the tag `failure`.

    Args:
        client: the store's client.
        experiments: the ids of the experiments to search.
        clone: the id of this clone if others use the store, too: the runs of other clones are left alone.
    """
    if not experiments:
        return
    for run in client.search_runs(experiments, filter_string="attributes.status = 'RUNNING'"):
        if clone is not None and run.data.tags.get(CLONE) != clone:
            continue
        process = run.data.tags.get(PROCESS, "")
        age = time.time() - run.info.start_time / 1000
        alive = _may_be_alive(process, age, is_shared=clone is not None)
        # read again: the run may have ended since it was listed
        if not alive and client.get_run(run.info.run_id).info.status == "RUNNING":
            reason = f"its process ({process or 'unknown'}) ended without closing the run"
            client.set_tag(run.info.run_id, FAILURE, reason)
            client.set_terminated(run.info.run_id, "KILLED")


def _may_be_alive(tag: str, age: float, is_shared: bool) -> bool:
    """Tell whether the process in a run's tag may still be running.

    Args:
        tag: the value of `process_tag`; empty if the run has none.
        age: the run's age, in seconds.
        is_shared: whether the store is used from other machines, too.
    """
    import psutil

    try:
        host, place, pid, started = tag.rsplit(" ", 3)
        if place != machine():
            # a store in the project is used on this machine only, which has been restarted since
            boot, here = (name.partition("/")[0] for name in (place, machine()))
            restarted = not is_shared and host == socket.gethostname() and boot != here
            return not restarted and age < SILENCE
        process = psutil.Process(int(pid))
        # 5 seconds: the clock from which the system computes the start may have been set meanwhile
        same = abs(process.create_time() - float(started)) < 5
        # a killed process stays listed until its parent reads its exit code; in a container, there may be
        # none to do so
        return bool(same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False
    except (ValueError, psutil.AccessDenied):
        return age < SILENCE
