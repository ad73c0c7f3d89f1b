"""The shim for a project's `python` and `dvc` on PATH: let the server run the program, or run it here.

It is started without Python's `site`, since each program has to wait for it. Its arguments are the socket,
the shim for `python`, the real program, and the program's own arguments.
"""

import json
import os
import resource
import select
import signal
import socket
import sys

PASSED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]


def main() -> None:
    path, python, program, *arguments = sys.argv[1:]
    given = arguments if os.path.basename(program) == "python" else [program, *arguments]  # noqa: PTH119  # pathlib takes long
    if given and can_be_forked(given) and (server := connected(path)):
        umask = os.umask(0)
        os.umask(umask)
        asked = {
            "arguments": given,
            "folder": os.getcwd(),  # noqa: PTH109
            "environment": dict(os.environ),
            "umask": umask,
            "ignored": [number for number in PASSED if signal.getsignal(number) is signal.SIG_IGN],
            "limits": [(number, resource.getrlimit(number)) for number in LIMITS],
            "python": python,
        }
        socket.send_fds(server, [json.dumps(asked).encode()], [0, 1, 2])
        wait(server)
    os.execv(program, [program, *arguments])  # the server cannot run it


def can_be_forked(arguments: list[str]) -> bool:
    """Tell whether a program has no options for Python itself, and inherits only the three streams."""
    if arguments[0].startswith("-") and arguments[0] not in ("-m", "-c"):
        return False
    return len(os.listdir("/dev/fd")) == 4  # noqa: PTH208  # the fourth is the listing's own


def connected(path: str) -> socket.socket | None:
    server = socket.socket(socket.AF_UNIX)
    try:
        server.connect(path)
    except OSError:
        return None
    return server


def wait(server: socket.socket) -> None:
    """Pass signals on to the child, and end as it does; return if there is no child."""
    woken, wake = socket.socketpair()  # so that a signal just before the waiting is not missed
    wake.setblocking(False)
    child = line(server, None)
    if not child:
        return
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    for number in PASSED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: os.kill(int(child), number))
    code = int(line(server, woken) or -signal.SIGKILL)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def line(server: socket.socket, woken: socket.socket | None) -> str:
    """Read the server's next line; empty if there are no more."""
    said = b""
    while not said.endswith(b"\n"):
        while woken and server not in select.select([server, woken], [], [])[0]:
            woken.recv(4096)
        received = server.recv(1)
        if not received:
            return ""
        said += received
    return said.decode()


main()
