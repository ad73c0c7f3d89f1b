"""A canary behind a real haproxy: two servers of predictions, a load, and versions that go wrong."""

import csv
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE, Baked
from tests.support.running import commit, edit, replace_in
from tests.support.serving import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.servers]

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
LIMITS = """
canary:
  steps: [5, 50, 100]
  seconds: 900
  requests: 60
"""


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

    def python(self, name: str, *arguments: str, **env: str) -> None:
        assert self.project.bin
        self.start(name, str(self.project.bin / "python"), "-m", "penguins", *arguments, **env)

    def serve(self, name: str, model: str) -> None:
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
            MISBEHAVE=behaviour,
        )

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
        return ("--haproxy", str(self.folder / "haproxy.sock"), "--champion", champion, "--canary", canary)

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


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, finished: Baked) -> Iterator[Stage]:
    if not shutil.which("haproxy", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin"):
        assert "CI" not in os.environ, "haproxy is not installed: .ci/run installs it"
        pytest.skip("haproxy is not installed (Debian: haproxy)")
    folder = tmp_path_factory.mktemp("canary")
    shutil.copytree(finished.path, folder / "penguins", symlinks=True)
    project = Baked(folder / "penguins", finished.bin, finished.shims)
    project.run("python", "-m", "penguins", "repair-paths")
    replace_in(project.path / "params.yaml", "name: penguins", "name: rolled_out")
    project.path.joinpath("params.yaml").open("a").write(LIMITS)
    project.run("dvc", "repro")
    commit(project, "The first version")
    promote = ("python", "-m", "penguins", "promote", "--reason", "first")
    project.run("dvc", "push")
    project.run(*promote)
    project.path.joinpath("penguins/features.py").open("a").write(STEP)
    edit(
        project,
        "penguins/models.py",
        'return Pipeline([("features", features),',
        'return Pipeline([("behaviour", FunctionTransformer(misbehave)), ("features", features),',
    )
    edit(project, "penguins/models.py", "import for_any_model,", "import misbehave, for_any_model,")
    edit(
        project,
        "penguins/models.py",
        "from sklearn.pipeline import Pipeline\n",
        "from sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import FunctionTransformer\n",
    )
    project.run("dvc", "repro")
    commit(project, "The second version")
    project.run("dvc", "push")
    shipped = TEMPLATE / "{{cookiecutter.project_slug}}/deploy/serving"
    (config,) = (path for path in shipped.iterdir() if "haproxy.cfg" in path.name)
    text = config.read_text(encoding="utf-8")
    (folder / "haproxy.cfg").write_text(text.replace("timeout server 10s", "timeout server 3s"))
    first = free_ports(4)
    names = ("champion", "canary", "haproxy", "metrics")
    stage = Stage(project, folder, {name: first + place for place, name in enumerate(names)})
    try:
        stage.serve("champion", "@champion")
        stage.serve("canary", "@canary")  # which waits for one
        stage.haproxy()
        stage.until(lambda: stage.version("champion") == "1")
        yield stage
    finally:
        for name in list(stage.processes):
            stage.end(name)


def begin(stage: Stage, *options: str) -> None:
    stage.canary("start", *options, "2", "--reason", "a test")
    if "canary" not in stage.processes:
        stage.serve("canary", "@canary")
    stage.until(lambda: stage.version("canary") == "2")


@pytest.fixture(scope="module")
def watched(stage: Stage) -> Stage:
    """Somebody watches."""
    stage.watch()
    return stage


def test_five_percent_are_five_percent_and_a_user_keeps_his_version(stage: Stage) -> None:
    begin(stage)
    stage.canary("watch", "--once", *stage.where)
    row, users = json.dumps(records(stage.project)[0]).encode(), [f"user{number}" for number in range(30)]
    answers = Counter(
        json.loads(stage.ask("haproxy", "/predict", row)[1])["model"]["version"] for _ in range(1200)
    )
    assert answers.total() == 1200
    # 13 of 256 is 5.08 %; five standard deviations of 1200 throws
    assert abs(answers["2"] / 1200 - 13 / 256) < 5 * (0.05 * 0.95 / 1200) ** 0.5, answers
    for user in users:
        asked = {
            json.loads(stage.ask("haproxy", "/predict", row, **{"x-user": user})[1])["model"]["version"]
            for _ in range(5)
        }
        assert len(asked) == 1, user
    assert stage.ask("haproxy", "/metrics")[0] == 404
    assert "5 %" in (said := stage.canary("status", *stage.where))
    assert "failed requests" in said
    assert "is taken out: enough" in stage.canary("abort", "--reason", "enough", *stage.where)
    assert "there is no canary" in stage.canary("status", *stage.where)
    assert json.loads(stage.ask("haproxy", "/predict", row)[1])["model"]["version"] == "1"


def test_a_judgement_says_by_its_exit_code_that_a_version_may_go_on(stage: Stage) -> None:
    begin(stage)
    edit(stage.project, "params.yaml", "  seconds: 900", "  seconds: 1")
    row = json.dumps(records(stage.project)[0]).encode()
    stage.python("judge", "canary", "judge", "--every", "0.2", "--at-most", "300", *stage.where[2:])
    judging = stage.processes["judge"]
    while judging.poll() is None:
        for name in ("champion", "canary"):
            assert stage.ask(name, "/predict", row)[0] == 200
    said = (stage.folder / "judge.log").read_text()
    assert judging.returncode == 0, said
    assert int(re.findall(r"goes on: no worse after (\d+) requests", said)[0]) >= 60
    edit(stage.project, "params.yaml", "  seconds: 1", "  seconds: 900")
    stage.canary("abort", "--reason", "judged", *stage.where)


@pytest.mark.parametrize("how", ["fail", "slow", "same", "hang", "die"])
def test_a_version_that_goes_wrong_is_taken_out_and_no_client_notices(watched: Stage, how: str) -> None:
    stage, behaviour = watched, watched.folder / "behaviour"
    begin(stage)
    with Load().on(stage, 6) as load:
        stage.until(lambda: load.answers["2"] > 2)
        behaviour.write_text(how)
        stage.until(lambda: stage.history()[-1]["share"] == 0)
    behaviour.unlink()
    assert load.failures == []
    last = stage.history()[-1]
    assert (last["command"], last["after"]["canary"]) == ("canary", "")  # type: ignore[index]
    reason = {"fail": "failed requests", "slow": "requests that take more than", "same": "predictions "}
    assert reason.get(how, "") in str(last["reason"]), last["reason"]
    assert load.answers["1"] > load.answers["2"]
    if how in ("hang", "die"):
        stage.end("canary")


def test_a_good_version_becomes_the_champion_through_every_trouble_and_is_rolled_back(watched: Stage) -> None:
    stage = watched
    edit(stage.project, "params.yaml", "  seconds: 900", "  seconds: 4")
    begin(stage)
    with Load().on(stage, 6) as load:
        for share in (5, 50, 100):
            stage.until(lambda share=share: f"gets {share} %" in stage.said())  # type: ignore[misc]
            stage.end("watch")  # in each step
            if share == 50:
                stage.end("haproxy")
                stage.haproxy()
            stage.watch()
        stage.until(lambda: "version 2 has all traffic" in stage.said())
        time.sleep(2)  # for what is under way
        before = Counter(load.answers)
        stage.until(lambda: load.answers["2"] > before["2"] + 50)
        assert load.answers["1"] == before["1"]
        stage.project.run("python", "-m", "penguins", "rollback", "--reason", "a test")
        stage.until(lambda: stage.version("champion") == "1", 30)
        time.sleep(2)
        after = Counter(load.answers)
        stage.until(lambda: load.answers["1"] > after["1"] + 50)
        assert load.answers["2"] == after["2"]
    # only while there was no haproxy
    assert all("Connection" in str(failure) or "Remote" in str(failure) for failure in load.failures)
    changes = [change for change in stage.history() if change["command"] in ("canary", "promote")]
    shares = [change["share"] for change in changes if change["share"]]
    assert shares[-3:] == [5, 50, 100]
    assert "-> 2" in str(changes[-1]["changed"])
    assert re.search(r"\d+ of \d+ gates passed", str(changes[-1]["verdict"]))
