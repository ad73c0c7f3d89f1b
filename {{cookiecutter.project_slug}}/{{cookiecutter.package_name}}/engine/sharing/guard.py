"""The guard: it ends the helper with DVC, and reports how a stage's child has ended.

It is a process of its own: in the helper, only a thread could do this while a library is imported, and a
process with threads must not fork. It imports no library, and outlives DVC only as long as a stage does.
"""

import ctypes
import os
import select
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # of Linux's prctl(2)


def adopt_orphans() -> None:
    """Have the system give this process the children of its descendants that have ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Have the system kill this process as soon as its parent, this process, ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@dataclass
class Child:
    """A stage's child.

    Attributes:
        process: its number.
        pidfd: the pidfd, which is ready when the process has ended.
        connection: the connection to the process that stands in for it.
        abandoned: whether that process has ended.
    """

    process: int
    pidfd: int
    connection: socket.socket
    abandoned: bool = False

    def tell(self, text: str) -> None:
        """Tell the process that stands in for it, which may have ended."""
        with suppress(OSError):
            self.connection.sendall(text.encode())


@dataclass
class Guard:
    """What the guard watches.

    Attributes:
        dvc: the pidfd of the process of DVC.
        helper: the pidfd of the helper.
        output: what libraries print when they are imported; it is read and discarded.
        requests: brings the number of each new child, and the connection to the process that stands in for
            it.
    """

    dvc: int
    helper: int
    output: int
    requests: socket.socket
    children: list[Child] = field(default_factory=list)

    def watch(self, path: Path) -> NoReturn:
        """Watch until DVC, or the helper, and all children have ended; then end this process.

        Args:
            path: the path of the helper's socket.
        """
        always = [self.dvc, self.helper, self.output, self.requests.fileno()]
        while always or self.children:
            connections = [child.connection.fileno() for child in self.children if not child.abandoned]
            files = [*always, *(child.pidfd for child in self.children), *connections]
            ready, _, _ = select.select(files, [], [])
            if self.output in ready:
                os.read(self.output, 2**16)
            if self.requests.fileno() in ready:
                self._adopt()
            if always and {self.dvc, self.helper} & set(ready):
                path.unlink(missing_ok=True)
                signal.pidfd_send_signal(self.helper, signal.SIGKILL)
                always = []
            self._look_after(ready)
        os._exit(0)

    def _adopt(self) -> None:
        """Take charge of a new child."""
        message, files, _, _ = socket.recv_fds(self.requests, 16, 1)
        if message:
            process = int(message)
            self.children.append(Child(process, os.pidfd_open(process), socket.socket(fileno=files[0])))

    def _look_after(self, ready: list[int]) -> None:
        """Report each child that has ended, and end each child whose process that DVC started has ended."""
        for child in list(self.children):
            if child.pidfd in ready:
                _, status = os.waitpid(child.process, 0)
                child.tell(f"{os.waitstatus_to_exitcode(status)}\n")
                child.connection.close()
                os.close(child.pidfd)
                self.children.remove(child)
            elif child.connection.fileno() in ready:
                child.abandoned = True
                signal.pidfd_send_signal(child.pidfd, signal.SIGKILL)
