"""DVC's queue of experiments, by its commands and by what git keeps of it."""

import re
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from .. import git
from ..errors import UserError
from ..tracking.experiments import all_experiments

FAILED = "refs/exps/celery/failed"  # the experiments that failed, kept as `git stash` keeps changes
FOLDERS = Path(".dvc/tmp/exps")  # of experiments that run
SECONDS = 60  # in which a stage that was told to end does
TASK = re.compile(r"^[0-9a-f]{7}\s+(?P<name>\S+)\s.*\s(?P<status>\w+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Queue:
    """What is in the queue at one moment.

    Attributes:
        tasks: the status of each experiment: Queued, Running, Success or Failed.
        has_workers: whether something works on them.
    """

    tasks: dict[str, str]
    has_workers: bool

    @classmethod
    def now(cls) -> "Queue":
        """Ask DVC, which takes it a second or two."""
        said = run("queue", "status").stdout
        tasks = {match["name"]: match["status"] for match in TASK.finditer(said)}
        return cls(tasks, "Worker status: 0 active, 0 idle" not in said)

    def of_status(self, *statuses: str) -> set[str]:
        """Return the experiments of these statuses."""
        return {name for name, status in self.tasks.items() if status in statuses}


def run(*arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run DVC.

    Raises:
        UserError: it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise UserError(f"`dvc {' '.join(arguments[:2])}` failed: {said[0].removeprefix('ERROR: ')}")
    return done


def finished() -> dict[str, str]:
    """Return the commit of each experiment that has ended well."""
    return {experiment.name: experiment.commit for experiment in all_experiments()}


def has_failed(name: str) -> bool:
    """Tell whether an experiment of the queue has failed."""
    said = git.text("log", "--walk-reflogs", "--format=%gs", FAILED) or ""
    return name in said.replace(":", "\n").splitlines()


def reason(name: str) -> str:
    """Return the last mistake that a failed experiment told."""
    said = run("queue", "logs", name, check=False).stdout.splitlines()
    mistakes = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    return mistakes[-1] if mistakes else f"see `dvc queue logs {name}`"


def withdraw(names: Collection[str]) -> None:
    """End experiments of the queue, and the queue's workers, as if they had not been started.

    The stages are ended rather than DVC, which then cleans up by itself; it cannot when it is killed.
    """
    if queued := Queue.now().of_status("Queued").intersection(names):
        run("queue", "remove", *queued, check=False)
    end = time.monotonic() + SECONDS
    while (queue := Queue.now()).of_status("Running") and queue.has_workers and time.monotonic() < end:
        for _ in range(10):  # the next stage, too, if one has just ended
            _end_stages()
            time.sleep(0.3)
    run("queue", "stop", check=False)
    if failed := Queue.now().of_status("Failed", "Running").intersection(names):
        run("queue", "remove", *failed, check=False)


def _end_stages() -> None:
    """End the stages that run in this project's queue."""
    folder = str(FOLDERS.resolve())
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "exec-run" in command and any(argument.startswith(folder) for argument in command):
            with suppress(psutil.NoSuchProcess):  # it has just ended by itself
                for child in process.children(recursive=True):
                    if ".stages." in " ".join(child.cmdline()):
                        child.terminate()
