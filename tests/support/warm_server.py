"""A process that has imported a project's libraries, and forks a child for each program that is requested.

It is started by a baked project's Python, with the path of its socket. It has imported no module of any
project: the child does that, which goes on as if Python had just been started for its program, with the
folder, the environment and the standard streams of the client.
"""

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any

# modules beside this file, whose folder is where Python looks first
from warm_libraries import load, read  # type: ignore[import-not-found]
from warm_program import become  # type: ignore[import-not-found]


class Server:
    def __init__(self, path: str) -> None:
        self.given = read(dict(os.environ))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)  # clients wait here until the libraries are imported
        self.running: dict[int, socket.socket] = {}  # the client that waits for each child
        self.woken, self.wake = socket.socketpair()
        for end in (self.woken, self.wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake.fileno())

    def serve(self) -> dict[str, Any]:
        """Serve until the process ends; in a child, return what it is to run."""
        with selectors.DefaultSelector() as selector:
            for waited in (self.listener, self.woken):
                selector.register(waited, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.listener:
                        client, _ = self.listener.accept()
                        if asked := self.start(client):
                            return asked
                        if client.fileno() >= 0:
                            selector.register(client, selectors.EVENT_READ)
                    elif key.fileobj is self.woken:
                        self.woken.recv(4096)
                        for client in self.ended():
                            selector.unregister(client)
                            client.close()
                    elif key.fileobj in self.running.values():
                        selector.unregister(key.fileobj)
                        self.leave(key.fileobj)

    def start(self, client: socket.socket) -> dict[str, Any] | None:
        """Fork a child for a client; return what the client asks for in the child, and None in the server."""
        message, streams, _, _ = socket.recv_fds(client, 1 << 20, 3)
        asked: dict[str, Any] | None = (
            json.loads(message) if message else None
        )  # there is no message if the client was killed before it asked
        if asked is None or read(asked["environment"]) != self.given:
            child = 0
            client.close()  # the client then starts a Python of its own
        elif child := os.fork():
            self.running[child] = client
            with contextlib.suppress(OSError):  # the client was killed: `leave` kills its child
                client.send(f"{child}\n".encode())
        if child or client.fileno() < 0:
            for stream in streams:
                os.close(stream)
            return None
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for end in (client, self.listener, self.woken, self.wake, *self.running.values()):
            end.close()
        return asked

    def ended(self) -> list[socket.socket]:
        """Tell the clients of the children that have ended, and return these clients."""
        found = []
        with contextlib.suppress(ChildProcessError):
            while (done := os.waitpid(-1, os.WNOHANG))[0]:
                if client := self.running.pop(done[0], None):
                    with contextlib.suppress(OSError):
                        client.send(f"{os.waitstatus_to_exitcode(done[1])}\n".encode())
                    found.append(client)
        return found

    def leave(self, client: Any) -> None:
        """Kill the child of a client that was killed."""
        for child, waiting in list(self.running.items()):
            if waiting is client:
                del self.running[child]
                os.kill(child, signal.SIGKILL)
        client.close()


def main(path: str) -> None:
    server = Server(path)
    load()
    become(server.serve())


if __name__ == "__main__":  # the module is imported once more, to leave `__main__` to the program
    importlib.import_module("warm_server").main(sys.argv[1])
