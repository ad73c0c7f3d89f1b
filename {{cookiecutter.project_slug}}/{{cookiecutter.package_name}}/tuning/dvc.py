"""DVC's queue of experiments, by its commands and by what git keeps of it."""

import re
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import psutil

from .. import git
from ..errors import UserError
from ..tracking.experiments import all_experiments

FAILED = "refs/exps/celery/failed"  # the experiments that failed, kept as `git stash` keeps changes
SECONDS = 60  # in which a stage that was told to end does
TASK = re.compile(r"^[0-9a-f]{7}\s+(?P<name>\S+)\s.*\s(?P<status>\w+)\s*$", re.MULTILINE)


def run(*arguments: str, check: bool = True) -> str:
    """Run DVC and return what it says.

    Raises:
        UserError: it fails.
    """
    with TemporaryFile() as said:  # a pipe would be held open by the workers that `queue start` leaves
        command = [sys.executable, "-m", "dvc", *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if check and done.returncode:
        mistakes = [line for line in text.splitlines() if line.startswith("ERROR: ")] or ["no reason given"]
        raise UserError(f"`dvc {' '.join(arguments[:2])}` failed: {mistakes[0].removeprefix('ERROR: ')}")
    return text


def tasks() -> dict[str, str]:
    """Ask DVC, which takes it a second or two, how each experiment is: Queued, Running, Success or Failed."""
    return {match["name"]: match["status"] for match in TASK.finditer(run("queue", "status"))}


def named(tasks: Mapping[str, str], *statuses: str) -> set[str]:
    """Return the experiments of some statuses."""
    return {name for name, status in tasks.items() if status in statuses}


def has_workers() -> bool:
    """Tell whether something works on the queue; `dvc queue status` does not see workers that are busy."""
    return bool(_processes("queue-worker"))


def finished() -> dict[str, str]:
    """Return the commit of each experiment that has ended well."""
    return {experiment.name: experiment.commit for experiment in all_experiments()}


def has_failed(name: str) -> bool:
    """Tell whether an experiment of the queue has failed."""
    said = git.text("log", "--walk-reflogs", "--format=%gs", FAILED) or ""
    return name in said.replace(":", "\n").splitlines()


def reason(name: str) -> str:
    """Return the last mistake that a failed experiment told."""
    said = run("queue", "logs", name, check=False).splitlines()
    mistakes = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    return mistakes[-1] if mistakes else f"see `dvc queue logs {name}`"


def withdraw(names: Collection[str]) -> None:
    """End experiments of the queue, and the queue's workers, as if they had not been started.

    The stages are ended rather than DVC, which then cleans up by itself; it cannot when it is killed.
    """
    if queued := named(tasks(), "Queued").intersection(names):
        run("queue", "remove", *queued, check=False)
    end = time.monotonic() + SECONDS
    while named(tasks(), "Running") and has_workers() and time.monotonic() < end:
        for _ in range(10):  # the next stage, too, if one has just ended
            _end_stages()
            time.sleep(0.3)
    run("queue", "stop", check=False)
    if lost := named(tasks(), "Running").intersection(names):  # whose worker was killed
        run("queue", "kill", "--force", *lost, check=False)
    if failed := named(tasks(), "Failed").intersection(names):
        run("queue", "remove", *failed, check=False)


def _end_stages() -> None:
    """End the stages that run in this project's queue."""
    for process in _processes("exec-run"):
        with suppress(psutil.Error):  # it has just ended by itself
            for child in process.children(recursive=True):
                if ".stages." in " ".join(child.cmdline()):
                    child.terminate()


def _processes(command: str) -> list[psutil.Process]:
    """List the processes of a command of DVC in this project, or in an experiment's copy of it."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if command in (process.info["cmdline"] or []):
            with suppress(psutil.Error):  # it has ended, or is somebody else's
                if Path(process.cwd()).is_relative_to(Path.cwd()):
                    found.append(process)
    return found
