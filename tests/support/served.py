"""The prediction server, really started, with the tests' own registered model."""

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.baked import Baked
from tests.support.running import edit
from tests.support.serving import answered, free_ports

SUPPORT = Path(__file__).parent
MODEL = "served"
VERSIONS = """
from pathlib import Path
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
(first,) = client.search_model_versions("name = 'penguins' AND version_number = 1")
if not client.search_registered_models("name = 'served'"):
    client.create_registered_model("served")
    for source in (first.source, first.source, Path("mlruns/nowhere").absolute().as_uri()):
        client.create_model_version("served", source, first.run_id, tags=first.tags)
client.set_registered_model_alias("served", "champion", 1)
"""


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    url: str
    log: Path
    token: str = ""
    locked_down: bool = False
    failures: list[object] = field(default_factory=list)

    def ask(self, route: str, body: bytes | None = None, kind: str = "application/json") -> str:
        headers = {"content-type": kind} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(f"{self.url}{route}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    def wait(self, route: str, says: str, seconds: float = 400) -> str:
        """Ask until the answer contains a text."""

        def check() -> None:
            assert self.process.poll() is None, self.log.read_text()

        return answered(lambda: self.ask(route), says, seconds, check, self.log.read_text)

    def wait_for(self, event: str, times: int = 1, seconds: float = 180) -> None:
        """Wait until an event is in the log a number of times."""
        until = time.monotonic() + seconds
        while self.log.read_text().count(f'"event": "{event}"') < times:
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.1)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log, each of which is a JSON object."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    @contextmanager
    def asked_all_the_time(self, body: bytes) -> Iterator[None]:
        """Send one request after another within the block, and keep the failures."""
        ended = threading.Event()

        def ask() -> None:
            while not ended.is_set():
                try:
                    self.ask("/predict", body)
                except OSError as error:
                    self.failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
        finally:
            ended.set()
            asking.join()


def register(project: Baked) -> None:
    """Register the project's model twice under the tests' own name, and a model that cannot be loaded."""
    edit(project, "params.yaml", "name: penguins", f"name: {MODEL}")
    project.run("python", "-c", VERSIONS)


def move(project: Baked, version: int) -> None:
    """Give the alias to another version, as a promotion elsewhere does."""
    with closing(sqlite3.connect(project.path / "mlflow.db", timeout=60)) as store, store:
        store.execute("UPDATE registered_model_aliases SET version = ? WHERE name = ?", (version, MODEL))


@contextmanager
def server(
    project: Baked,
    log: Path,
    *options: str,
    locked_down: bool = False,
    env: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Start the server, and wait until it is ready.

    Args:
        project: a project with a model.
        log: the file to which the server's standard error goes.
        options: the options of the command.
        locked_down: whether it runs as a user without rights, can write only to a tmpfs, and reaches no other
            host.
        env: further variables of its environment.
    """
    assert project.bin
    url = f"http://127.0.0.1:{(port := free_ports(1))}"
    command = [str(project.bin / "python"), "-m"]
    if locked_down:
        around = ("unshare", "--mount", str(SUPPORT / "locked_down.sh"))
        command = [*around, command[0], str(SUPPORT / "only_here.py")]
    command += ["penguins", "serve", "--port", str(port), *options]
    variables = {"SERVE_TOKEN": "", **env}
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            cwd=project.path,
            env={**os.environ, **variables},
            stderr=file,
            text=True,
            start_new_session=True,
        )
    try:
        started = Server(process, url, log, variables["SERVE_TOKEN"], locked_down)
        started.wait("/ready", "")
        yield started
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
