"""Champion and canary behind haproxy, and clients that ask: what the tests of a rollout share."""

import csv
import http.client
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.baked import TEMPLATE, Baked
from tests.support.lacking import lacking
from tests.support.running import commit, edit, replace_in
from tests.support.serving import free_ports

PORTS = {"haproxy": 8000, "champion": 8001, "canary": 8002, "metrics": 8404, "socket": 9999}  # of the pages
STEP = '''

def misbehave(rows):
    """Do what a file says."""
    import os, time
    from pathlib import Path

    path = Path(os.environ.get("MISBEHAVE", "nowhere"))
    how = path.read_text().strip() if path.is_file() else ""
    if how == "slow":
        time.sleep(2)
    elif how == "fail":
        raise RuntimeError("on purpose")
    elif how == "die":
        os._exit(1)
    elif how == "hang":
        time.sleep(3600)
    elif how == "same":
        same = {"bill_length_mm": "38", "bill_depth_mm": "18", "flipper_length_mm": "190"}
        rows = rows.assign(**same, body_mass_g="3500")
    return rows
'''


@dataclass
class Stage:
    """The champion's server, the canary's, and haproxy before them; started and ended at will."""

    project: Baked
    folder: Path
    ports: dict[str, int]
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, name: str, *command: str, **env: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**os.environ, "SERVE_TOKEN": "", **env}
        self.processes[name] = subprocess.Popen(
            command, cwd=self.project.path, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    def typed(self, text: str) -> str:
        """Return a command of a page as it is typed here, where the ports are others."""
        for name in PORTS.keys() & self.ports:
            text = re.sub(rf"(?<=[: ]){PORTS[name]}\b", str(self.ports[name]), text)
        ways = r"canary (?:status|watch|finish|abort)\b"
        return re.sub(ways, lambda way: f"{way[0]} {shlex.join(self.where)}", text)

    def terminal(self, name: str, line: str) -> None:
        """Type a line of a page into a terminal of its own, where it runs on."""
        assert self.project.bin
        self.start(
            name, "sh", "-c", self.typed(line), PATH=f"{self.project.bin}{os.pathsep}{os.environ['PATH']}"
        )

    def printed(self, lines: str) -> str:
        """Type lines of a page, and return what they print."""
        return self.project.run("sh", "-euc", self.typed(lines)).stdout

    def python(self, name: str, *arguments: str, **env: str) -> None:
        assert self.project.bin
        self.start(name, str(self.project.bin / "python"), "-m", "penguins", *arguments, **env)

    def serve(self, name: str, model: str, *options: str) -> None:
        behaviour = str(self.folder / "behaviour") if name == "canary" else ""
        self.python(
            name,
            "serve",
            "--wait",
            "--model",
            model,
            "--port",
            str(self.ports[name]),
            "--poll",
            "0.5",
            *options,
            MISBEHAVE=behaviour,
        )

    @contextmanager
    def running(self, *options: str) -> Iterator["Stage"]:
        """Within the block the first champion answers behind haproxy, its server with these options."""
        try:
            self.serve("champion", "@champion", *options)
            self.serve("canary", "@canary")  # which waits for one
            self.haproxy()
            self.until(lambda: self.version("champion") == "1")
            yield self
        finally:
            for name in list(self.processes):
                self.end(name)

    def haproxy(self) -> None:
        env = {name.upper(): f"127.0.0.1:{self.ports[name]}" for name in ("champion", "canary")}
        env |= {
            "ADDRESS": f"127.0.0.1:{self.ports['haproxy']}",
            "METRICS": f"127.0.0.1:{self.ports['metrics']}",
        }
        env |= {"SOCKET": str(self.folder / "haproxy.sock")}
        self.start("haproxy", "haproxy", "-W", "-db", "-f", str(self.folder / "haproxy.cfg"), **env)

    def watch(self) -> None:
        self.python("watch", "canary", "watch", "--forever", "--every", "0.5", *self.where)

    @property
    def where(self) -> tuple[str, ...]:
        """The command's options."""
        champion, canary = (f"http://127.0.0.1:{self.ports[name]}" for name in ("champion", "canary"))
        socket = str(self.folder / "haproxy.sock")
        if "socket" in self.ports:
            socket = f"127.0.0.1:{self.ports['socket']}"
        return ("--haproxy", socket, "--champion", champion, "--canary", canary)

    def end(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        process.wait(60)

    def ask(self, name: str, route: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=60)
        try:
            kind = {"content-type": "application/json", **headers}
            connection.request("POST" if body else "GET", route, body, kind)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def version(self, name: str) -> str:
        try:
            return str(json.loads(self.ask(name, "/model")[1])["version"])
        except (OSError, ValueError, http.client.HTTPException):
            return ""

    def until(self, holds: Callable[[], object], seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while not holds():
            logs = "\n".join(log.read_text()[-2500:] for log in self.folder.glob("*.log"))
            assert time.monotonic() < end, logs
            time.sleep(0.2)

    def canary(self, *arguments: str, check: bool = True) -> str:
        done = self.project.run("python", "-m", "penguins", "canary", *arguments, check=check)
        return done.stdout + done.stderr

    def history(self) -> list[dict[str, object]]:
        listed: list[dict[str, object]] = json.loads(
            self.project.run("python", "-m", "penguins", "history", "--json").stdout
        )
        return listed

    def said(self) -> str:
        return (self.folder / "watch.log").read_text()


@dataclass
class Load:
    """What clients have seen."""

    answers: "Counter[str]" = field(default_factory=Counter)
    failures: list[object] = field(default_factory=list)

    @contextmanager
    def on(self, stage: Stage, clients: int = 3) -> Iterator["Load"]:
        """Within the block, clients ask for a row's prediction, one after the other."""
        ended, rows = threading.Event(), records(stage.project)

        def ask() -> None:
            while not ended.is_set():
                try:
                    status, text = stage.ask("haproxy", "/predict", json.dumps(random.choice(rows)).encode())
                    if status == 200:
                        self.answers[json.loads(text)["model"]["version"]] += 1
                    else:
                        self.failures.append((status, text))
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(repr(error))

        threads = [threading.Thread(target=ask) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def records(project: Baked) -> list[dict[str, str]]:
    with (project.path / "data/raw/penguins.csv").open(newline="") as table:
        return [
            {k: v for k, v in row.items() if k not in ("species", "year")} for row in csv.DictReader(table)
        ]


def haproxy_is_here() -> None:
    """Check that haproxy is installed."""
    if not shutil.which("haproxy", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin"):
        lacking("haproxy is not installed (Debian: haproxy)")


def copied(finished: Baked, folder: Path, name: str) -> Baked:
    """Copy a finished project, with its store, into a folder; its model gets a name of its own."""
    shutil.copytree(finished.path, folder / "penguins", symlinks=True)
    project = replace(finished, path=folder / "penguins")
    project.run("python", "-m", "penguins", "repair-paths")
    replace_in(project.path / "params.yaml", "name: penguins", f"name: {name}")
    return project


def first_champion(project: Baked) -> None:
    """Make the first version and promote it."""
    project.run("dvc", "repro")
    commit(project, "The first version")
    project.run("dvc", "push")
    project.run("python", "-m", "penguins", "promote", "--reason", "first")


def misbehaving(project: Baked) -> None:
    """Give the models that come a step that does what a file says."""
    with project.path.joinpath("penguins/features.py").open("a") as features:
        features.write(STEP)
    models = "penguins/models.py"
    edit(
        project,
        models,
        'return Pipeline([("features", features),',
        'return Pipeline([("behaviour", FunctionTransformer(misbehave)), ("features", features),',
    )
    edit(project, models, "import for_any_model,", "import misbehave, for_any_model,")
    pipeline = "from sklearn.pipeline import Pipeline\n"
    more = "from sklearn.preprocessing import FunctionTransformer\n"
    edit(project, models, pipeline, pipeline + more)


def haproxy_file() -> Path:
    """The configuration that a project gets."""
    shipped = TEMPLATE / "{{cookiecutter.project_slug}}/deploy/serving"
    (config,) = (path for path in shipped.iterdir() if "haproxy.cfg" in path.name)
    return config


def ports(*names: str) -> dict[str, int]:
    """Free ports, by the names of those who will listen."""
    first = free_ports(len(names))
    return {name: first + place for place, name in enumerate(names)}
