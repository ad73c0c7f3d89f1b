"""DVC's queue of experiments, through its commands and what git records about it."""

import re
import subprocess
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import psutil

from ..base import dvc, git
from ..base.errors import UserError
from ..base.paths import PACKAGE
from ..lineage.experiments import all_experiments

WORKERS = Path(".dvc/tmp/exps/celery")  # the logs of DVC's workers
FAILED = "refs/exps/celery/failed"  # the failed experiments, in the format of `git stash`
SECONDS = 60  # seconds within which a stage ends after SIGTERM
MISTAKE = re.compile(r"^(?:[\w.]+(?:Error|Exception)\b.*|ERROR: .*)$", re.MULTILINE)
TASK = re.compile(r"^[0-9a-f]{7}\s+(?P<name>\S+)\s.*\s(?P<status>\w+)\s*$", re.MULTILINE)


def run(*arguments: str, check: bool = True) -> str:
    """Run DVC and return all that it prints.

    Args:
        arguments: the arguments of `dvc`.
        check: whether a failure is an error.

    Raises:
        UserError: it fails.
    """
    with TemporaryFile() as file:  # the workers that `queue start` leaves behind would keep a pipe open
        done = subprocess.run(
            dvc.command(*arguments), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        file.seek(0)
        printed = file.read().decode("utf-8", "replace")
    if check and done.returncode:
        mistake = next(iter(dvc.printed_errors(printed)), "no reason given")
        raise UserError(f"`dvc {' '.join(arguments[:2])}` failed: {mistake}")
    return printed


def tasks() -> dict[str, str]:
    """Ask DVC for the status of each experiment, which takes it a second or two.

    Returns:
        Queued, Running, Success or Failed, by the experiment's name.
    """
    return {match["name"]: match["status"] for match in TASK.finditer(run("queue", "status"))}


def with_status(tasks: Mapping[str, str], *statuses: str) -> set[str]:
    """Return the names of the experiments that have one of some statuses."""
    return {name for name, status in tasks.items() if status in statuses}


def has_workers() -> bool:
    """Tell whether a worker of the queue is running; `dvc queue status` does not count busy ones."""
    return bool(_processes("queue-worker"))


def finished_commits() -> dict[str, str]:
    """Return the commit of each experiment that has succeeded, by its name."""
    return {experiment.name: experiment.commit for experiment in all_experiments()}


def has_failed(name: str) -> bool:
    """Tell whether an experiment of the queue has failed."""
    messages = git.text("log", "--walk-reflogs", "--format=%gs", FAILED) or ""
    return name in messages.replace(":", "\n").splitlines()


def reason(name: str, logged: Mapping[Path, int]) -> str:
    """Return the last error that a failed experiment printed or, without one, that its worker logged.

    Args:
        name: the experiment's name.
        logged: the result of `log_sizes` before the experiment was started.
    """
    lines = run("queue", "logs", name, check=False).splitlines()
    if mistakes := [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]:
        return mistakes[-1]
    for log in log_sizes():  # it failed before its first stage, or its worker was killed
        text = log.read_bytes()[logged.get(log, 0) :].decode("utf-8", "replace")
        mistakes += [f"{mistake[:300]} (more in {log.as_posix()})" for mistake in MISTAKE.findall(text)]
    return mistakes[-1] if mistakes else f"see `dvc queue logs {name}`"


def log_sizes() -> dict[Path, int]:
    """Return the logs of DVC's workers with their sizes in bytes, the most recently written one last."""
    stats = {log: log.stat() for log in WORKERS.glob("*.out")}
    return {log: stats[log].st_size for log in sorted(stats, key=lambda log: stats[log].st_mtime)}


def cancel(names: Collection[str]) -> None:
    """End experiments of the queue and the queue's workers, and remove the experiments from the queue.

    The stages are ended rather than DVC, which then cleans up; if DVC is killed, it cannot.
    """
    if queued := with_status(tasks(), "Queued").intersection(names):
        run("queue", "remove", *queued, check=False)
    end = time.monotonic() + SECONDS
    while with_status(tasks(), "Running") and has_workers() and time.monotonic() < end:
        for _ in range(10):  # again and again: when a stage ends, the next one may start
            _end_stages()
            time.sleep(0.3)
    run("queue", "stop", check=False)
    if lost := with_status(tasks(), "Running").intersection(names):  # their worker was killed
        run("queue", "kill", "--force", *lost, check=False)
    if failed := with_status(tasks(), "Failed").intersection(names):
        run("queue", "remove", *failed, check=False)


def _end_stages() -> None:
    """End the stages that run in this project's queue."""
    for process in _processes("exec-run"):
        with suppress(psutil.Error):  # it has just ended by itself
            for child in process.children(recursive=True):
                if PACKAGE in child.cmdline():  # python -m PACKAGE NAME
                    child.terminate()


def _processes(command: str) -> list[psutil.Process]:
    """List the processes of a command of DVC in this project, or in an experiment's copy of it."""
    processes = []
    for process in psutil.process_iter(["cmdline"]):
        if command in (process.info["cmdline"] or []):
            with suppress(psutil.Error):  # it has ended, or is another user's
                if Path(process.cwd()).is_relative_to(Path.cwd()):
                    processes.append(process)
    return processes
