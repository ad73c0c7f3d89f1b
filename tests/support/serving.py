"""Tracking servers for tests: a real one, one that forbids, and a way to one that breaks off."""

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from getpass import getuser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import gettempdir

from filelock import FileLock, Timeout

PORTS = range(20000, 32000)  # below those that Linux takes for outgoing connections
_ours: list[FileLock] = []  # of the ports that this process was given, until it ends


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that nothing listens on, and that no other test will be given."""
    for first in range(PORTS.start, PORTS.stop, count):
        locks: list[FileLock] = []
        for port in range(first, first + count):
            if (lock := _taken(port)) is None:
                break
            locks.append(lock)
        else:
            _ours.extend(locks)
            return first
        for lock in locks:
            lock.release()
    raise AssertionError("no free ports")


def _taken(port: int) -> FileLock | None:
    """Take a port for this process, whether it listens there at once or later; None if it is not free."""
    folder = Path(gettempdir()) / f"ports-of-tests-{getuser()}"
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / str(port), blocking=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return lock
    lock.release()
    return None


def answered(
    ask: Callable[[], str], says: str, seconds: float, check: Callable[[], None], log: Callable[[], str]
) -> str:
    """Ask a server until its answer has a text.

    Args:
        ask: asks once; an OSError is no answer.
        says: the text.
        seconds: that it may take.
        check: fails if the server has ended.
        log: what it has logged, for the message.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            if says in (text := ask()):
                return text
        except OSError:
            check()
        assert time.monotonic() < until, log()[-3000:]
        time.sleep(0.1)


ADMIN = "an admin's password"
ACCOUNTS = """[mlflow]
default_permission = NO_PERMISSIONS
database_uri = sqlite:///{folder}/accounts.db
admin_username = admin
auth_cache_ttl_seconds = 60
"""


def accounts_in(folder: Path) -> dict[str, str]:
    """What makes a server one with accounts, of which `admin` is the first."""
    settings = folder / "accounts.ini"
    settings.write_text(ACCOUNTS.format(folder=folder))
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_AUTH_ADMIN_PASSWORD": ADMIN,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of the tests",
    }


@contextmanager
def tracking_server(
    folder: Path, environment: Path, accounts: bool = False, artifacts: str = ""
) -> Iterator[str]:
    """A real `mlflow server` with its store in a folder, with accounts or without; yields its address.

    It hands artifacts on, unless `artifacts` is the address where clients put them themselves.
    """
    url = f"http://127.0.0.1:{(port := free_ports(1))}"
    runs = f"--backend-store-uri=sqlite:///{folder}/server.db"
    files = [f"--artifacts-destination={folder}/files"]
    if artifacts:
        files = ["--no-serve-artifacts", f"--default-artifact-root={artifacts}"]
    command = [str(environment / "mlflow"), "server", f"--port={port}", "--workers=1", runs, *files]
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    if accounts:
        command.append("--app-name=basic-auth")
        env |= accounts_in(folder)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        until = time.monotonic() + 240
        while not _is_well(url):
            printed = (folder / "server.log").read_text()
            assert server.poll() is None, printed
            assert time.monotonic() < until, f"{url} does not answer:\n{printed}"
            time.sleep(0.2)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=180)


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=30):
            return True
    except OSError:
        return False


class Forbidding(BaseHTTPRequestHandler):
    """What an MLflow server answers to a name that it does not know itself by."""

    def do_GET(self) -> None:
        body = b"OK" if self.path == "/health" else b"Invalid Host header"
        self.send_response(200 if self.path == "/health" else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def forbidding_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Forbidding) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Proxy:
    """A way to a server that breaks off, for good, when a request has the bytes `fatal` in it."""

    def __init__(self, target: str) -> None:
        self.fatal: bytes = b""
        self.passed = 0  # bytes, in both directions
        self.target = int(target.rpartition(":")[2])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.dead = False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            client, _ = self.listener.accept()
            if self.dead:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):  # one side has hung up: so does the other
            while data := source.recv(65536):
                if self.fatal and self.fatal in data:
                    self.dead = True
                if self.dead:
                    break
                sink.sendall(data)
                self.passed += len(data)
        for end in (source, sink):
            end.close()
