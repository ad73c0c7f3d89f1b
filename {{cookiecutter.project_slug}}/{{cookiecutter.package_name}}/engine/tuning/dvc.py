"""DVC's queue of experiments, by its commands and by what git keeps of it."""

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
from ..lineage.experiments import all_experiments

WORKERS = Path(".dvc/tmp/exps/celery")  # where DVC's workers write what they do
FAILED = "refs/exps/celery/failed"  # the experiments that failed, kept as `git stash` keeps changes
SECONDS = 60  # in which a stage that was told to end does
MISTAKE = re.compile(r"^(?:[\w.]+(?:Error|Exception)\b.*|ERROR: .*)$", re.MULTILINE)
TASK = re.compile(r"^[0-9a-f]{7}\s+(?P<name>\S+)\s.*\s(?P<status>\w+)\s*$", re.MULTILINE)


def run(*arguments: str, check: bool = True) -> str:
    """Run DVC and return what it says.

    Raises:
        UserError: it fails.
    """
    with TemporaryFile() as said:  # a pipe would be held open by the workers that `queue start` leaves
        done = subprocess.run(
            dvc.command(*arguments), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if check and done.returncode:
        mistake = next(iter(dvc.printed_errors(text)), "no reason given")
        raise UserError(f"`dvc {' '.join(arguments[:2])}` failed: {mistake}")
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


def reason(name: str, logged: Mapping[Path, int]) -> str:
    """Return the last mistake that a failed experiment told, or else the worker that ran it.

    Args:
        name: the experiment's.
        logged: what `logs` said before it was started.
    """
    said = run("queue", "logs", name, check=False).splitlines()
    if mistakes := [line.removeprefix("error: ") for line in said if line.startswith("error: ")]:
        return mistakes[-1]
    for log in logs():  # it failed before its first stage, or as its worker was killed
        told = log.read_bytes()[logged.get(log, 0) :].decode("utf-8", "replace")
        mistakes += [f"{mistake[:300]} (more in {log.as_posix()})" for mistake in MISTAKE.findall(told)]
    return mistakes[-1] if mistakes else f"see `dvc queue logs {name}`"


def logs() -> dict[Path, int]:
    """Return the logs of DVC's workers with their sizes, in bytes; the one written last is the last."""
    found = {log: log.stat() for log in WORKERS.glob("*.out")}
    return {log: found[log].st_size for log in sorted(found, key=lambda log: found[log].st_mtime)}


def not_ascii(root: Path) -> str:
    """Say why DVC cannot run experiments in folders of their own here; empty if it can.

    DVC (3.67) copies the path of its cache and the settings of this clone into such a folder
    (`TempDirExecutor` in dvc/repo/experiments/executor/local.py), and writes them as ASCII.

    Args:
        root: the project's.
    """
    from dvc.config import Config

    config = Config(str(root / ".dvc"))
    cache = str(config["cache"].get("dir") or root / ".dvc" / "cache")
    named = {
        f"{cache}: the path": cache,
        ".dvc/config.local: a setting": str(config.read("local")),
        ".git/config: a setting": git.text("config", "--local", "--list", cwd=root) or "",
    }
    for what, written in named.items():
        if not written.isascii():
            return (
                f"{what} has letters outside ASCII, so DVC cannot run `dvc exp run --temp` or `--queue`; "
                "`dvc repro`, `dvc exp run` and `tune` without --queue work (docs/tuning.md has a way out)"
            )
    return ""


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
