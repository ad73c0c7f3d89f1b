"""Tracking servers for tests: a real one, one that refuses everything, and a proxy that breaks off."""

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

PORTS = range(20000, 32000)  # below the ports that Linux uses for outgoing connections
_ours: list[FileLock] = []  # the locks of the ports that belong to this process until it ends


def free_ports(count: int) -> int:
    """Return the first of `count` consecutive ports that are free, and that no other test will be given."""
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
    """Reserve a port for this process, whether it listens at once or later; None if it is not free."""
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
    """Ask a server until its answer contains a text.

    Args:
        ask: a callable that asks once; an OSError counts as no answer.
        says: the text.
        seconds: the most seconds that this may take.
        check: a callable that fails if the server has ended.
        log: a callable that returns what the server has logged, for the message.
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
    """Return the variables that make a server one with accounts, of which `admin` is the first."""
    settings = folder / "accounts.ini"
    settings.write_text(ACCOUNTS.format(folder=folder))
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_AUTH_ADMIN_PASSWORD": ADMIN,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of the tests",
    }


@contextmanager
def tracking_server(
    folder: Path, environment: Path, accounts: bool = False, artifacts: str = "", store: str = ""
) -> Iterator[str]:
    """Start a real `mlflow server` with its store in a folder, with or without accounts; yield its address.

    Artifacts go through the server, unless `artifacts` names a place in which clients store them themselves.
    With `store`, it serves another store, such as a project's.
    """
    url = f"http://127.0.0.1:{(port := free_ports(1))}"
    runs = f"--backend-store-uri={store or f'sqlite:///{folder}/server.db'}"
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
    """The answers of an MLflow server to requests whose host name it does not accept as its own."""

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
    """A proxy for a server that breaks off, for good, when data contains the bytes `fatal`."""

    def __init__(self, target: str) -> None:
        self.fatal: bytes = b""
        self.passed = 0  # bytes that were passed on, in both directions
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
        with suppress(OSError):  # one side has closed its connection: the other one is closed, too
            while data := source.recv(65536):
                if self.fatal and self.fatal in data:
                    self.dead = True
                if self.dead:
                    break
                sink.sendall(data)
                self.passed += len(data)
        for end in (source, sink):
            end.close()
