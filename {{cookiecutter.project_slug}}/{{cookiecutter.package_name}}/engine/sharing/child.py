"""The child: from the helper's fork to the process that the stage would have been."""

import atexit
import ctypes
import gc
import importlib
import json
import linecache
import os
import runpy
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

from ..base.paths import PACKAGE
from .client import CHILD


@dataclass(frozen=True)
class Request:
    """A stage to run, or another module.

    Attributes:
        connection: the connection to the process that stands in for it.
        streams: its standard input, output and error.
        content: what `client` sent.
    """

    connection: socket.socket
    streams: list[int]
    content: dict[str, Any]

    @classmethod
    def receive(cls, connection: socket.socket) -> "Request":
        """Receive a request from a process that has just connected.

        Raises:
            ValueError: that process ended before it could send the request.
        """
        connection.setblocking(True)
        _, files, _, _ = socket.recv_fds(connection, 1, 4)
        *streams, memory = files
        with os.fdopen(memory, "rb") as file:
            file.seek(0)
            return cls(connection, streams, json.load(file))

    @property
    def name(self) -> str:
        """The name by which `libraries` knows it."""
        return str(self.content["name"])

    def close(self) -> None:
        """Close the request's streams: a reader of a stream waits for its last writer."""
        self.connection.close()
        for stream in self.streams:
            os.close(stream)


def become(request: Request, helper: str) -> NoReturn:
    """Become the process: run its module with its streams, folder, environment and name.

    A stage's signals are blocked until `client` has seen that this is the child: then they are handled.

    Args:
        request: what the process is.
        helper: the path of the helper's socket.
    """
    content = request.content
    os.setpgid(0, content["group"])
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
    request.close()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
    os.chdir(content["folder"])
    os.environ.clear()
    os.environ.update(content["environment"])
    _set_signals(content["ignored"])
    _set_command(content["command"])
    _renew_libraries()
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]  # the project's own modules are read again
    importlib.invalidate_caches()
    linecache.clearcache()
    if content["module"] == PACKAGE:
        os.environ[CHILD] = helper
    else:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
    gc.enable()
    sys.argv, sys.orig_argv = content["argv"], content["command"]
    os._exit(_run(content["module"]))


def _run(module: str) -> int:
    """Run a module, and then what has to be done at the end of a process, as `multiprocessing` does.

    Python itself would then clear its modules: all their memory, which is shared with the helper, would have
    to be copied for that.

    Returns:
        The exit code.
    """
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        if isinstance(end.code, int | None):
            code = end.code or 0
        else:
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()  # type: ignore[attr-defined]  # waits for other threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # its reader has ended, or it is closed
            stream.flush()
    return code


def _set_signals(ignored: list[int]) -> None:
    """Handle signals like a process that has just been started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def _set_command(words: list[str]) -> None:
    """Write a command where the system keeps that of this process, which `ps` shows."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end of proc(5), less the first two
    command = "\0".join(words).encode()[: end - start - 1]
    ctypes.memmove(start, command.ljust(end - start, b"\0"), end - start)


def _renew_libraries() -> None:
    """Renew what the libraries took from the helper's process when they were imported."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # otherwise all stages would draw the same numbers
    if "threadpoolctl" in sys.modules:
        for library in sys.modules["threadpoolctl"].ThreadpoolController().lib_controllers:
            if library.internal_api == "openblas":
                library.set_num_threads(_threads())


def _threads() -> int:
    """Return how many threads OpenBLAS would have started with.

    The variables are those of its README, in their order.
    """
    for name in ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"):
        if (text := os.environ.get(name, "")).isdigit() and int(text):
            return int(text)
    return len(os.sched_getaffinity(0))
