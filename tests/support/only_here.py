"""Run a module as `python -m` does, and end the process if it looks up or connects to another host."""

import os
import runpy
import sys
from pathlib import Path

HERE = ("127.0.0.1", "::1", "localhost", None, "")


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    host: object = None
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    if host not in HERE:
        os.write(2, f"another host: {event} {host!r}\n".encode())
        os._exit(99)


if __name__ == "__main__":
    sys.addaudithook(refuse)
    sys.path[0] = str(Path.cwd())
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
