"""The helper: it imports libraries, and forks a stage as soon as the libraries that it needs are there."""

import gc
import os
import signal
import socket
import sys
from pathlib import Path

from ..base import process
from . import libraries
from .child import Request, become
from .client import FORWARDED
from .guard import Guard, adopt_orphans, die_with
from .place import start_of


def main() -> None:
    """Serve the stages of one process of DVC; in a child, become the stage."""
    listener, output, path, dvc = socket.socket(fileno=int(sys.argv[1])), *sys.argv[2:5]
    watched = os.pidfd_open(int(dvc))
    if start_of(int(dvc)) != sys.argv[5]:  # another process has its number now
        sys.exit(1)
    _check_threads()
    ours, guards = socket.socketpair(type=socket.SOCK_SEQPACKET)
    adopt_orphans()
    guard = os.getpid()
    if helper := os.fork():
        listener.close()
        ours.close()
        Guard(watched, os.pidfd_open(helper), int(output), guards).watch(Path(path))
    die_with(guard)
    guards.close()
    for number in (watched, int(output)):
        os.close(number)
    become(_serve(listener, ours), path)


def _check_threads() -> None:
    """Check that this process may fork.

    Raises:
        RuntimeError: it has threads, which a child would lack.
    """
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError("a library has started threads as it was imported")


def _serve(listener: socket.socket, guard: socket.socket) -> Request:
    """Import libraries and fork stages, forever.

    Returns:
        In a child, the stage that it has to become.
    """
    process.prepare()
    process.prepare_libraries()
    gc.disable()
    waiting: list[Request] = []
    groups: list[str] = []
    while True:
        listener.setblocking(not groups and not waiting)
        if (request := _received(listener)) is not None:
            waiting.append(request)
            groups = libraries.needed_from(request.name)
        for request in [r for r in waiting if not set(libraries.NEEDED.get(r.name, ())) & set(groups)]:
            waiting.remove(request)
            if _forked(request, guard):
                listener.close()
                return request
        if groups:
            libraries.load(groups.pop(0))


def _received(listener: socket.socket) -> Request | None:
    """Accept a request, if there is one; wait for one, if the socket blocks."""
    try:
        return Request.receive(listener.accept()[0])
    except (BlockingIOError, ConnectionError, ValueError):  # none, or the process that made it has ended
        return None


def _forked(request: Request, guard: socket.socket) -> bool:
    """Fork a child for a stage, which becomes the guard's; True in the child, where signals are blocked.

    Raises:
        RuntimeError: for the same reasons as `_check_threads`.
    """
    _check_threads()
    gc.freeze()
    adopter = os.getppid()
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    if between := os.fork():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
        os.waitpid(between, 0)
        request.close()
        return False
    if os.fork():
        os._exit(0)  # the system gives the child of a process that has ended to the guard
    while os.getppid() != adopter:
        os.sched_yield()
    die_with(adopter)
    try:  # before it does anything: the process that stands in for it passes on signals from now on
        request.connection.sendall(f"{os.getpid()} ".encode())
    except OSError:  # that process has ended
        os._exit(1)
    socket.send_fds(guard, [str(os.getpid()).encode()], [request.connection.fileno()])
    guard.close()
    return True


if __name__ == "__main__":
    main()
