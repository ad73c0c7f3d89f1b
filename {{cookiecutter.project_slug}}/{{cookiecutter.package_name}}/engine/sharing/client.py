"""The process that DVC starts for a stage: it stands in for a child of the helper, which does the work.

A stage is a process, and most of its time goes into importing libraries, the same ones as the stage before.
So the first stage of a `dvc repro` starts a helper that imports them, and each stage is a fork of the helper.
The helper ends with the process of DVC. `PIPELINE_SHARE=0` in the environment, or `share = false` under
`[tool.engine]` in pyproject.toml, switches it off. If there can be no helper, on Windows and macOS or in a
stage that DVC did not start, a stage does its work itself.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from fcntl import F_GETFL, F_SETFL, F_SETOWN, fcntl
from pathlib import Path

from ..base import elsewhere, settings
from ..base.errors import UserError
from ..base.paths import PACKAGE
from . import place

SWITCH = "PIPELINE_SHARE"
CHILD = "_PIPELINE_SHARE_CHILD"  # the path of the helper's socket, for its child, until that has seen it
FORWARDED = {
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
}
AWAITED = {signal.SIGIO, *FORWARDED}


def run(name: str) -> None:
    """Have a stage's work done by a child of the helper, and end this process in the way the child ended.

    It returns if this process has to do the work itself.

    Args:
        name: the stage's name.

    Raises:
        UserError: the child was killed together with the helper.
        KeyboardInterrupt: it came before there was a child, or when the child was about to end.
    """
    if helper := os.environ.pop(CHILD, None):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
        elsewhere.use(lambda module: _start(module, helper))
        return
    if os.environ.get(SWITCH) == "0" or not settings.shares_libraries():
        return
    connection = place.connection()
    if connection is None:
        return
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    try:
        with connection:
            try:
                _ask(connection, name, PACKAGE, sys.argv, [0, 1, 2])
            except OSError:  # a standard stream that is closed, or a helper that has ended
                return
            code = _wait(connection, name)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    if code is None:
        return
    if code == -signal.SIGINT:  # the signal came so late that Python no longer handled it
        raise KeyboardInterrupt
    if code < 0:
        print(f"error: {name}: its process was ended by {signal.Signals(-code).name}", file=sys.stderr)
        if code != -signal.SIGKILL:  # a signal that no process can handle
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _start(module: str, helper: str) -> Callable[[], int]:
    """Run a module in another child of the helper, as `base.elsewhere` does in a process of its own.

    Args:
        module: one that `libraries` knows.
        helper: the path of its socket.
    """
    connection, nowhere = socket.socket(socket.AF_UNIX), os.open(os.devnull, os.O_RDWR)
    try:
        connection.connect(helper)
        _ask(connection, module, module, [module], 3 * [nowhere])
    except OSError:  # the helper has ended
        return lambda: 1
    finally:
        os.close(nowhere)

    def wait() -> int:
        with connection, connection.makefile() as answer:
            words = answer.readline().split()
            return int(words[1]) if len(words) > 1 else 1

    return wait


def _ask(connection: socket.socket, name: str, module: str, argv: list[str], streams: list[int]) -> None:
    """Send what makes a process this one, and its standard streams.

    Args:
        connection: to the helper.
        name: what `libraries` knows the module by: a stage, or the module itself.
        module: what is run.
        argv: its arguments.
        streams: its standard input, output and error.

    Raises:
        OSError: it cannot be sent.
    """
    request = {
        "name": name,
        "module": module,
        "argv": argv,
        "command": sys.orig_argv,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "ignored": [s for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN],
        "group": os.getpgrp(),
    }
    memory = os.memfd_create("stage")
    try:
        os.write(memory, json.dumps(request).encode())
        socket.send_fds(connection, [b"\n"], [*streams, memory])
    finally:
        os.close(memory)


def _wait(connection: socket.socket, name: str) -> int | None:
    """Wait for the child's end; pass on the signals that only this process gets.

    They are blocked. Those that the terminal sends (Ctrl-C) reach the child without help: it is in the same
    process group.

    Returns:
        Its exit code, negative if a signal ended it; None if there never was a child.
    """
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # it is waited for here, and later ones are not needed
    fcntl(connection, F_SETOWN, os.getpid())
    fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    child, text = None, ""
    sent: list[signal.struct_siginfo] = []  # signals that the child has not got yet
    while True:
        try:
            received = connection.recv(100)
        except BlockingIOError:
            for info in sent:
                # only after everything is read: the child's number may have come together with the signal
                if child is None:
                    raise KeyboardInterrupt from None
                if info.si_code <= 0:  # another process sent it, and not the terminal
                    _kill(child, info.si_signo)
            info = signal.sigwaitinfo(AWAITED)
            sent = [] if info.si_signo == signal.SIGIO else [info]
            continue
        except ConnectionError:  # the helper ended before it had read everything
            break
        if not received:
            break
        text += received.decode()
        words = text.split()
        child = int(words[0])
        if text.endswith("\n"):
            return int(words[1])
    if child is not None:
        raise UserError(f"{name}: its process was killed; `dvc repro` starts it again")
    return None


def _kill(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:  # it has just ended
        return
