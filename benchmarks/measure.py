"""How long a command takes, what it computes and how much memory it holds, with all that it starts.

- Time: from the first command's start to the last one's end.
- CPU: user and system time of all descendants, from the kernel's own accounts (`getrusage`), which
  come up when a process has ended. A process that outlives its parent (DVC's queue workers do) is waited for
  and counted: this process makes itself their foster parent (Linux: PR_SET_CHILD_SUBREAPER).
- Peak memory: the greatest sum, over all descendants, of their proportional set size (PSS: memory that n
  processes share counts 1/n in each), looked at five times a second.
"""

import ctypes
import os
import resource
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM

import psutil

PR_SET_CHILD_SUBREAPER = 36
INTERVAL = 0.2  # seconds between two looks at the memory; each costs some milliseconds
PATIENCE = 60  # seconds that a process may outlive the command, and then a signal to end


@dataclass(frozen=True)
class Measured:
    """What some commands, run one after the other, took.

    Attributes:
        wall: seconds.
        cpu: seconds, user and system, of all processes.
        memory: MB (10^6 bytes) at the peak.
        left: the command lines of processes that did not end by themselves.
    """

    wall: float
    cpu: float
    memory: float
    left: tuple[str, ...] = ()


def measure(
    commands: Sequence[Sequence[str | Path]], cwd: Path, env: Mapping[str, str], log: Path
) -> Measured:
    """Run commands to their end, one after the other, and measure them together.

    Args:
        commands: each a program with its arguments.
        cwd: the folder to run in.
        env: the whole environment.
        log: where their output goes.

    Raises:
        SystemExit: one fails.
    """
    _adopt_orphans()
    memory = _Memory()
    before = _cpu_of_children()
    wall = 0.0
    with log.open("ab") as output, memory:
        for command in commands:
            start = time.perf_counter()
            done = subprocess.run(
                command, cwd=cwd, env=env, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            wall += time.perf_counter() - start
            if done.returncode:
                _wait_for_orphans()
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise SystemExit(f"benchmarks: {' '.join(map(str, command))} failed in {cwd}:\n{tail}")
    left = _wait_for_orphans()
    return Measured(wall, _cpu_of_children() - before, memory.peak / 1e6, left)


class _Memory(threading.Thread):
    """Looks at the memory of this process's descendants while its block runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._ended = threading.Event()

    def __enter__(self) -> "_Memory":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        this = psutil.Process()
        while not self._ended.wait(INTERVAL):
            self.peak = max(self.peak, sum(map(_pss, this.children(recursive=True))))


def _pss(process: psutil.Process) -> int:
    """Return a process's proportional set size in bytes; 0 if it has just ended."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return int(process.memory_full_info().pss)
    return 0


def _adopt_orphans() -> None:
    if sys.platform != "linux":
        raise SystemExit("benchmarks: needs Linux, whose accounts of processes and memory it reads")
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit(f"benchmarks: prctl: {os.strerror(ctypes.get_errno())}")


def _wait_for_orphans() -> tuple[str, ...]:
    """Wait for what outlives a command: only then does the kernel tell its CPU.

    Returns:
        The command lines of those that had to be stopped.
    """
    stopped: dict[int, str] = {}
    limit = time.monotonic() + PATIENCE
    while left := psutil.Process().children(recursive=True):
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if time.monotonic() > limit:
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    command = shlex.join(process.cmdline())
                    process.send_signal(SIGKILL if process.pid in stopped else SIGTERM)
                    stopped[process.pid] = command
            limit = time.monotonic() + PATIENCE
        time.sleep(0.05)
    return tuple(stopped.values())


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
