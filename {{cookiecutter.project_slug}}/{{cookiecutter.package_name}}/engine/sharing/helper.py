"""The helper: it imports libraries, and forks a stage as soon as those that it needs are there."""

import gc
import os
import select
import signal
import socket
import sys
from fcntl import F_GETFL, F_SETFL, F_SETOWN, fcntl
from pathlib import Path

from ..base import process
from . import libraries
from .child import Request, become, die_with_parent
from .place import start_of

_children: dict[int, socket.socket] = {}  # by process, the connection to who stands for it


def main() -> None:
    """Serve the stages of one process of DVC; of a child, be the stage."""
    listener, output, path, dvc = socket.socket(fileno=int(sys.argv[1])), *sys.argv[2:5]
    watched = os.pidfd_open(int(dvc))
    if start_of(int(dvc)) != sys.argv[5]:  # another one has its number
        sys.exit(1)
    if helper := os.fork():
        listener.close()
        _watch(watched, helper, int(output), Path(path))
    die_with_parent()
    for number in (watched, int(output)):
        os.close(number)
    become(_serve(listener))


def _watch(dvc: int, helper: int, output: int, path: Path) -> None:
    """End the helper, and with it its children, as soon as DVC has ended; a process of its own does this.

    In the helper only a thread could, while a library is imported; and a process with threads must not fork.
    What libraries print as they are imported is read here, and forgotten.
    """
    poll = select.poll()
    for file in (dvc, os.pidfd_open(helper), output):
        poll.register(file, select.POLLIN)
    while {file for file, _ in poll.poll()} == {output}:
        os.read(output, 2**16)
    path.unlink(missing_ok=True)
    os.kill(helper, signal.SIGKILL)
    os._exit(0)


def _serve(listener: socket.socket) -> Request:
    """Import libraries and fork stages, for ever.

    Returns:
        In a child: the stage that it is to be.
    """
    process.prepare()
    gc.disable()
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    signal.signal(signal.SIGIO, lambda *_: _kill_abandoned())
    waiting: list[Request] = []
    groups: list[str] = []
    while True:
        listener.setblocking(not groups)
        if (request := _received(listener)) is not None:
            waiting.append(request)
            groups = libraries.needed_from(request.stage)
        for request in [r for r in waiting if not set(libraries.NEEDED.get(r.stage, ())) & set(groups)]:
            waiting.remove(request)
            if _forked(request):
                listener.close()
                return request
        if groups:
            libraries.load(groups.pop(0))


def _received(listener: socket.socket) -> Request | None:
    """Accept a request, if there is one; wait for one, if the socket blocks."""
    try:
        return Request.receive(listener.accept()[0])
    except (BlockingIOError, ConnectionError, ValueError):  # none, or whoever made it has ended
        return None


def _forked(request: Request) -> bool:
    """Fork a child for a stage; True in the child."""
    gc.freeze()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGIO})
    child = os.fork()
    if child == 0:
        for connection in _children.values():
            connection.close()
        return True
    _children[child] = request.connection
    request.connection.sendall(f"{child} ".encode())
    request.close_streams()
    fcntl(request.connection, F_SETOWN, os.getpid())
    fcntl(request.connection, F_SETFL, fcntl(request.connection, F_GETFL) | os.O_ASYNC)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGIO})
    _kill_abandoned()  # whoever ended before that signal was asked for
    return False


def _reap() -> None:
    """Report the end of each child that has ended."""
    for child, connection in list(_children.items()):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            del _children[child]
            with connection:
                try:
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                except OSError:  # who stood for it has ended, too
                    continue


def _kill_abandoned() -> None:
    """End each child whose own process, as DVC knows it, has ended."""
    for child, connection in list(_children.items()):
        try:
            gone = connection.recv(1, socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            continue
        except OSError:
            gone = True
        if gone:
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
