"""A canary behind a real haproxy: two prediction servers, a load, and versions that go wrong."""

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.baked import Baked
from tests.support.pages import blocks
from tests.support.rollout import (
    PORTS,
    Load,
    Stage,
    copied,
    first_champion,
    haproxy_file,
    haproxy_is_here,
    misbehaving,
    ports,
    records,
)
from tests.support.running import commit, edit

pytestmark = [pytest.mark.slow, pytest.mark.servers]

LIMITS = """
canary:
  steps: [5, 50, 100]
  seconds: 900
  requests: 60
"""


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory, finished: Baked) -> Baked:
    """A project with a champion, and a challenger that misbehaves when it is told to."""
    haproxy_is_here()
    project = copied(finished, tmp_path_factory.mktemp("canary"), "rolled_out")
    with project.path.joinpath("params.yaml").open("a") as params:
        params.write(LIMITS)
    first_champion(project)
    misbehaving(project)
    project.run("dvc", "repro")
    commit(project, "The second version")
    project.run("dvc", "push")
    return project


@pytest.fixture(scope="module")
def stage(two_versions: Baked) -> Iterator[Stage]:
    folder, text = two_versions.path.parent, haproxy_file().read_text(encoding="utf-8")
    (folder / "haproxy.cfg").write_text(text.replace("timeout server 10s", "timeout server 3s"))
    stage = Stage(two_versions, folder, ports("champion", "canary", "haproxy", "metrics"))
    with stage.running():
        yield stage


def test_the_page_is_followed_from_top_to_bottom(two_versions: Baked, tmp_path: Path) -> None:
    project, stage = two_versions, Stage(two_versions, tmp_path, ports(*PORTS))
    page = {
        part.partition("\n")[0]: [block.text for block in blocks(part) if block.kind == "sh"]
        for part in project.read("docs/canary.md").split("\n## ")
    }
    shipped = project.path / "deploy/serving/haproxy.cfg"
    shipped.parent.mkdir(parents=True)
    shutil.copy(haproxy_file(), shipped)
    (parts,) = page.pop("Start the parts")
    start, by_hand = page.pop("Give a version traffic")
    (judge,) = page.pop("Where something else divides the traffic")
    assert not any(page.values()), "commands that are not typed here"
    try:
        for name, line in zip(("champion", "canary", "haproxy", "watch"), parts.splitlines(), strict=True):
            stage.terminal(name, line)
        stage.until(lambda: stage.version("champion") == "1")
        assert "compared with: version 1" in stage.printed(start)
        stage.until(lambda: "version 2 gets 5 %: its server is ready" in stage.said())
        assert "version 2 has all traffic" in stage.printed(by_hand)
        stage.until(lambda: stage.version("champion") == "1", 30)
        edit(project, "params.yaml", "  seconds: 900", "  seconds: 1")
        stage.terminal("judge", judge)
        row = json.dumps(records(project)[0]).encode()
        while stage.processes["judge"].poll() is None:
            for name in ("champion", "canary"):
                assert stage.ask(name, "/predict", row)[0] == 200
        said = (tmp_path / "judge.log").read_text()
        assert stage.processes["judge"].returncode == 0, said
        assert int(re.findall(r"goes on: no worse after (\d+) requests", said)[0]) >= 60
    finally:
        for name in list(stage.processes):
            stage.end(name)
    project.run("git", "checkout", "--quiet", "params.yaml")
    shutil.rmtree(project.path / "deploy")


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
