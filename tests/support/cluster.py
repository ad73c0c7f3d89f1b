"""A Dask cluster for tests: background processes, each in its own folder."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.support.baked import Baked
from tests.support.serving import free_ports


@contextmanager
def started(project: Baked, *command: str, cwd: Path | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Start a command in the background; at the end, it and its children are killed if they still run."""
    assert project.bin is not None
    process = subprocess.Popen(
        [project.bin / command[0], *command[1:]],
        cwd=cwd or project.path,
        env={**os.environ, "PATH": f"{project.bin}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)
        process.communicate()


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process and its children, without giving them a chance to react."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def cluster(
    project: Baked, folder: Path, workers: int
) -> Iterator[tuple[str, list["subprocess.Popen[str]"]]]:
    """Start a scheduler and workers, each in its own process and folder, away from the project."""
    port = free_ports(1)
    address = f"tcp://127.0.0.1:{port}"

    def folder_of(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    with ExitStack() as stack:
        scheduler = (
            "python",
            "-m",
            "dask",
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-dashboard",
        )
        stack.enter_context(started(project, *scheduler, cwd=folder_of("scheduler")))
        options = ("--nthreads", "1", "--no-dashboard", "--death-timeout", "60")
        worker = ("python", "-m", "dask", "worker", address, *options)
        names = [f"worker {number}" for number in range(workers)]
        yield address, [stack.enter_context(started(project, *worker, cwd=folder_of(name))) for name in names]
