"""A canary's way by the history of its model: the store is real, the servers and haproxy are counts."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED
from penguins.engine.base.errors import UserError
from penguins.engine.blocks.canary import Canary
from penguins.engine.commands import canary as command
from penguins.engine.commands import promote
from penguins.engine.params import read_params
from penguins.engine.registry.changes import CANARY, Change, moves
from penguins.engine.registry.history import history_of
from penguins.engine.rollout import judge as judging
from penguins.engine.rollout import loop, proxy, step
from penguins.engine.rollout.comparison import checks
from penguins.engine.rollout.counts import Counts
from penguins.engine.rollout.proxy import Server
from penguins.engine.rollout.rates import Rate, difference
from penguins.engine.rollout.servers import Servers
from penguins.engine.rollout.step import step_of
from penguins.engine.rollout.watch import MOVED, NONE, OUT, PROMOTED, WAITS, Look, NotPromotedError, Watcher
from penguins.params import Params

from tests.engine.conftest import three_versions

LIMITS = Canary(seconds=60, requests=100)
HEALTHY = {
    "requests": 200,
    "within": {"0.1": 198, "1.0": 200, "+Inf": 200},
    "predicted": {"a": 100, "b": 100},
}


def counts(**given: Any) -> Counts:
    return Counts(**{**HEALTHY, **given})


def times(n: int, of: Counts) -> Counts:
    return Counts(
        of.requests * n, of.failed * n, *({k: v * n for k, v in d.items()} for d in (of.within, of.predicted))
    )


def test_a_rate_s_bounds_hold_however_often_one_looks() -> None:
    """A test at each look at the same level would refuse a third of these."""
    random, left = Random(1), 0
    for _ in range(100):
        events = 0
        for n in range(20, 601, 20):
            events += sum(random.random() < 0.05 for _ in range(20))
            low, high = Rate(events, n).bounds(0.1)
            if not low <= 0.05 <= high:
                left += 1
                break
    assert left <= 10


@pytest.mark.parametrize(("events", "of"), [(0, 50), (50, 50), (3, 200), (0, 0), (1, 1)])
def test_the_bounds_of_a_rate_are_where_the_ratio_reaches_its_limit(events: int, of: int) -> None:
    rate = Rate(events, of)
    low, high = rate.bounds(0.01)
    assert 0 <= low <= rate.value <= high <= 1
    if low > 0:
        assert rate._log_ratio(low) == pytest.approx(4.605, abs=0.01)
    if high < 1:
        assert rate._log_ratio(high) == pytest.approx(4.605, abs=0.01)
    assert (low, high) == pytest.approx(difference(rate, Rate(0, 10**9), 0.02), abs=1e-6)


@pytest.mark.parametrize(
    ("worse", "name"),
    [
        ({"failed": 20}, "failed requests"),
        ({"within": {"0.1": 100, "1.0": 200, "+Inf": 200}}, "requests that take more than 0.1 s"),
        ({"predicted": {"a": 200}}, "predictions a"),
    ],
)
def test_what_is_worse_is_named(worse: dict[str, Any], name: str) -> None:
    champion = times(20, counts())
    assert not [check for check in checks(counts(), champion, LIMITS) if check.is_worse]
    named = [check.name for check in checks(counts(**worse), champion, LIMITS) if check.is_worse]
    assert name in named
    assert len(named) == (2 if name == "predictions a" else 1)


def test_ranges_of_other_training_rows_are_not_compared() -> None:
    other = counts(predicted={"up to 3": 200})
    assert any(check.is_worse for check in checks(other, times(20, counts()), LIMITS, "classification"))
    assert not any(check.is_worse for check in checks(other, times(20, counts()), LIMITS, "regression"))
    same = counts(predicted={"a": 200})
    assert any(check.is_worse for check in checks(same, times(20, counts()), LIMITS, "regression"))


def test_nothing_is_compared_while_one_has_counted_nothing() -> None:
    assert checks(Counts(), counts(), LIMITS) == checks(counts(), Counts(), LIMITS) == []


METRICS = """\
# TYPE serve_requests_total counter
serve_requests_total{route="/predict",status="200",version="3"} 90.0
serve_requests_total{route="/invocations",status="500",version="3"} 2.0
serve_requests_total{route="/predict",status="422",version="3"} 8.0
serve_requests_total{route="/predict",status="200",version="2"} 1000.0
serve_requests_total{route="/metrics",status="200",version="3"} 7.0
# TYPE serve_request_seconds histogram
serve_request_seconds_bucket{le="0.1",route="/predict"} 95.0
serve_request_seconds_bucket{le="+Inf",route="/predict"} 98.0
serve_request_seconds_bucket{le="+Inf",route="/metrics"} 7.0
serve_request_seconds_count{route="/predict"} 98.0
serve_request_seconds_sum{route="/predict"} 1.5
# TYPE serve_predicted_total counter
serve_predicted_total{label="a",version="3"} 60.0
serve_predicted_total{label="a",version="2"} 600.0
"""


def test_a_server_s_metrics_are_read_for_one_version() -> None:
    read = Counts.parse(METRICS, "3")
    assert read == Counts(100, 2, {"0.1": 95, "+Inf": 98}, {"a": 60})
    assert read.slow_from() == "+Inf"
    assert Counts(100, 0, {"0.1": 99, "+Inf": 100}).slow_from() == "0.1"
    assert Counts.from_record(json.loads(json.dumps(read.record()))) == read
    later = Counts(130, 2, {"0.1": 120, "+Inf": 128}, {"a": 60, "b": 4})
    assert later.since(read) == Counts(30, 0, {"0.1": 25, "+Inf": 30}, {"a": 0, "b": 4})
    assert read.since(later) == read, "a server that was started anew counts from 0"


@dataclass
class Proxy:
    """haproxy, as it answers."""

    share: int = 0
    down: bool = False
    failed: int = 0
    told: list[int] = field(default_factory=list)

    def servers(self) -> dict[str, Server]:
        state = "DOWN" if self.down else "UP" if self.share else "MAINT"
        return {proxy.CHAMPION: Server("UP", 256, 0, 0), proxy.CANARY: Server(state, 13, 0, self.failed)}

    def divide(self, share: int) -> bool:
        self.share = share
        self.told.append(share)
        return True


@dataclass
class Source:
    """A prediction server, as it answers."""

    answers: str
    counted: Counts = field(default_factory=Counts)
    dead: bool = False
    url: str = ""

    def version(self) -> str:
        if self.dead:
            raise UserError("does not answer")
        return self.answers

    def counts(self, version: str) -> Counts:
        if self.dead:
            raise UserError("does not answer")
        return self.counted


@pytest.fixture
def watcher(finished: Path) -> Watcher:
    """Provide a model whose version 1 is the champion and 2 the canary, which has no traffic yet."""
    models = three_versions()
    client = models.client
    history = history_of(client, models.name)
    history.move(history.for_a_change(), {"champion": "1"}, command="promote")
    history.move(
        history.for_a_change(), {CANARY: "2"}, command="canary", share=0, figures=step.figures(first=5)
    )
    params = read_params(Params).model_copy(update={"canary": LIMITS})

    def to_champion(number: str, reason: str) -> None:
        change = history_of(client, models.name)
        change.move(change.for_a_change(), {"champion": number, CANARY: ""}, command="promote", reason=reason)

    proxy_, champion, canary = Proxy(), Source("1"), Source("1")
    return Watcher(models, params, Servers(proxy_, champion, canary), to_champion)


def parts(watcher: Watcher) -> tuple[Any, Any, Any]:
    servers = watcher.servers
    return servers.proxy, servers.champion, servers.canary


def at(watcher: Watcher) -> Any:
    return step_of(history_of(watcher.models.client, watcher.models.name).changes())


def serve(watcher: Watcher, seconds: int = 0, monkeypatch: Any = None, **worse: Any) -> None:
    """Let both answer, a canary so much that it is enough for a step; let time pass."""
    _, champion, canary = parts(watcher)
    champion.counted += times(20, counts())
    canary.counted += counts(**worse)
    if seconds:
        passed = datetime.now(UTC) + timedelta(seconds=seconds)
        monkeypatch.setattr(
            step, "datetime", SimpleNamespace(now=lambda zone: passed, fromisoformat=datetime.fromisoformat)
        )


def test_a_good_canary_goes_step_by_step_to_the_champion(watcher: Watcher, monkeypatch: Any) -> None:
    haproxy, champion, canary = parts(watcher)
    assert watcher.look().text == "the canary's server has not loaded version 2 yet"
    canary.answers = "2"
    assert (watcher.look().outcome, haproxy.share) == (MOVED, 5)
    assert watcher.look().outcome == WAITS
    serve(watcher)
    assert "of 60 s, 200 of 100 requests" in watcher.look().text
    shares = []
    for number in range(1, 5):
        serve(watcher, 61 * number, monkeypatch)
        look = watcher.look()
        shares.append(haproxy.share)
    assert shares == [25, 50, 100, 100]
    assert look.outcome == PROMOTED
    assert watcher.look().text == "the champion's server has not loaded version 2 yet"
    assert haproxy.share == 100
    champion.answers = "2"
    assert watcher.look().text == "version 2 has all traffic"
    assert haproxy.share == 0
    assert watcher.look().outcome == NONE
    changes = history_of(watcher.models.client, watcher.models.name).changes()
    assert [change.share for change in changes] == [None, 0, 5, 25, 50, 100, None]
    assert changes[3].reason == "no worse after 400 requests"
    assert changes[3].figures["seen"]["canary"]["requests"] == 400
    assert moves(changes[3]) == "25 % of the traffic"
    assert moves(changes[-1]) == "@champion 1 -> 2, @canary 2 -> none"


@pytest.mark.parametrize("share", [5, 100])
def test_a_bad_canary_is_taken_out_at_once(watcher: Watcher, share: int) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher = replace(
        watcher,
        params=watcher.params.model_copy(update={"canary": LIMITS.model_copy(update={"steps": [share]})}),
    )
    watcher.look()
    serve(watcher, failed=40)
    haproxy.share = 0  # it was started anew, and is not told the share of a canary that is worse
    haproxy.told.clear()
    look = watcher.look()
    assert look.outcome == OUT
    assert haproxy.told == [0]
    assert "failed requests: 20.00% where the champion has 0.00%: worse" in look.text
    assert haproxy.share == 0
    assert at(watcher) is None
    assert watcher.look().outcome == NONE
    changes = history_of(watcher.models.client, watcher.models.name).changes()
    assert moves(changes[-1]) == "@canary 2 -> none, 0 % of the traffic"


def test_requests_that_never_reach_the_canary_count(watcher: Watcher) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    haproxy.failed = 1000  # before its time
    watcher.look()
    serve(watcher)
    assert watcher.look().outcome == WAITS
    canary.counted += Counts(3, 3)  # which haproxy has seen, too
    haproxy.failed += 3
    assert watcher.look().outcome == WAITS
    assert at(watcher), "three of 203 are not beyond doubt"
    haproxy.failed += 50
    assert "failed requests: 20.95%" in watcher.look().text
    assert at(watcher) is None


def test_a_dead_canary_is_taken_out_and_one_that_is_only_slow_to_answer_is_not(watcher: Watcher) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()
    canary.dead = True
    assert (watcher.look().outcome, haproxy.share) == (WAITS, 5)
    haproxy.down = True
    assert (watcher.look().outcome, haproxy.share) == (OUT, 0)


def test_too_little_traffic_decides_nothing_and_says_so(watcher: Watcher, monkeypatch: Any) -> None:
    _, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()
    serve(watcher, 6000, monkeypatch)
    canary.counted = Counts(7, 0, {"+Inf": 7})
    look = watcher.look()
    assert look.outcome == WAITS
    assert "too little traffic to decide anything: 7 of 100 requests" in look.text


def test_an_haproxy_that_was_started_anew_is_told_again(watcher: Watcher) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()
    haproxy.share = 0
    watcher.look()
    assert haproxy.share == 5


def test_another_champion_begins_the_comparison_anew(watcher: Watcher, monkeypatch: Any) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()
    serve(watcher, 61, monkeypatch)
    watcher.look()
    assert haproxy.share == 25
    history = history_of(watcher.models.client, watcher.models.name)
    history.move(history.for_a_change(), {"champion": "3"}, command="promote")
    look = watcher.look()
    assert "@champion is version 3 now" in look.text
    assert (at(watcher).share, at(watcher).champion, haproxy.share) == (5, "3", 5)


def test_of_two_watchers_one_takes_a_step(watcher: Watcher, monkeypatch: Any) -> None:
    _, _, canary = parts(watcher)
    canary.answers = "2"
    changes = history_of(watcher.models.client, watcher.models.name).changes()
    late = step_of(changes)
    assert late
    watcher.look()
    assert watcher._move(changes, late, 25, "late").text == "another watcher was faster"
    assert at(watcher).share == 5


def test_a_canary_that_was_begun_by_other_means_starts_at_the_first_step(watcher: Watcher) -> None:
    _, _, canary = parts(watcher)
    watcher.models.client.set_registered_model_alias(watcher.models.name, CANARY, "3")
    assert (at(watcher).version, at(watcher).share) == ("3", 0)
    canary.answers = "3"
    assert watcher.look().outcome == MOVED
    assert at(watcher).share == 5


def test_an_account_that_may_delete_no_alias_takes_a_canary_out(watcher: Watcher, monkeypatch: Any) -> None:
    client = watcher.models.client

    def refused(name: str, alias: str) -> None:
        raise MlflowException("no", error_code=PERMISSION_DENIED)

    monkeypatch.setattr(client, "delete_registered_model_alias", refused)
    parts(watcher)[2].answers = "2"
    watcher.look()
    serve(watcher, failed=100)
    assert watcher.look().outcome == OUT
    aliases = client.get_registered_model(watcher.models.name).aliases
    assert str(aliases[CANARY]) == str(aliases["champion"]) == "1"
    assert at(watcher) is None
    assert history_of(client, watcher.models.name).changes()[-1].command == "canary", (
        "no change by other means"
    )


def test_start_refuses_what_promote_would_refuse_at_the_end(
    watcher: Watcher, monkeypatch: Any, capsys: Any
) -> None:
    models, params = watcher.models, watcher.params
    with pytest.raises(UserError, match="version 2 is @canary already"):
        command.start(models, params, "3", None, "")
    before = history_of(models.client, models.name).changes()
    for number, held in (("2", "canary"), ("1", "champion")):
        command.start(models, params, number, None, "again", if_needed=True)
        assert (
            capsys.readouterr().out == f"{models.name}: version {number} is @{held} already: nothing to do\n"
        )
    with pytest.raises(UserError, match="version 2 is @canary already"):
        command.start(models, params, "3", None, "another", if_needed=True)
    assert history_of(models.client, models.name).changes() == before
    parts(watcher)[2].answers = "2"
    watcher.end(*reversed(command.running(models)), "")
    with pytest.raises(UserError, match="there is no canary"):
        command.running(models)
    with pytest.raises(UserError, match="--share 7: the steps"):
        command.start(models, params, "3", 7, "")
    with pytest.raises(UserError, match="version 1 is @champion already"):
        command.start(models, params, "1", None, "")
    with pytest.raises(UserError, match="gates not passed, and `promote` would refuse it"):
        command.start(models, params, "3", None, "")  # nobody has committed it
    monkeypatch.setattr(promote, "provenance", lambda *_: [])
    command.start(models, params, "3", 25, "a\nreason")
    assert "@canary none -> 3, 0 % of the traffic; `canary watch`" in capsys.readouterr().out
    assert (at(watcher).version, at(watcher).first) == ("3", 25)


def test_a_promotion_by_hand_ends_the_canary(watcher: Watcher, monkeypatch: Any) -> None:
    monkeypatch.setattr(promote, "provenance", lambda *_: [])
    change = promote.promote(watcher.models, watcher.params, "2", "champion", "by hand", force=True)
    assert moves(change) == "@champion 1 -> 2, @canary 2 -> none"


def test_a_record_of_an_older_engine_has_no_canary() -> None:
    old = Change("promote", {"champion": "", "challenger": "1"}, {"champion": "1", "challenger": ""})
    assert step_of([old]) is None
    assert moves(old) == "@champion none -> 1, @challenger 1 -> none"


def test_steps_have_to_rise_to_the_whole() -> None:
    for steps in ([5, 50], [50, 5, 100], [5, 5, 100]):
        with pytest.raises(ValueError, match="the steps have to rise to 100"):
            Canary(steps=steps)


def test_where_haproxy_does_not_answer_a_canary_is_taken_out_of_the_registry_at_least(
    watcher: Watcher, monkeypatch: Any
) -> None:
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()

    def silent(share: int) -> bool:
        raise UserError("haproxy does not answer")

    monkeypatch.setattr(haproxy, "divide", silent)
    with pytest.raises(UserError, match="haproxy does not answer; its traffic ends with the next look"):
        watcher.end(*reversed(command.running(watcher.models)), "enough")
    assert at(watcher) is None
    monkeypatch.undo()
    assert haproxy.share == 5
    assert (watcher.look().outcome, haproxy.share) == (NONE, 0)


def test_a_canary_that_the_gates_refuse_at_the_end_ends_the_watch(watcher: Watcher, monkeypatch: Any) -> None:
    def refuse(*_: str) -> None:
        raise UserError("version 2 is not promoted: 1 of 7 gates not passed")

    limits = LIMITS.model_copy(update={"steps": [100]})
    params = watcher.params.model_copy(update={"canary": limits})
    watcher = replace(watcher, params=params, promote=refuse)
    haproxy, _, canary = parts(watcher)
    canary.answers = "2"
    watcher.look()
    serve(watcher, 61, monkeypatch)
    with pytest.raises(NotPromotedError, match="has all traffic, and is not promoted: version 2 is not"):
        loop.watch(watcher.look, 0, forever=True)
    assert (at(watcher).share, haproxy.share) == (100, 100)


def test_the_watch_goes_on_while_somebody_does_not_answer(capsys: Any) -> None:
    looks: list[Any] = [
        UserError("no answer"),
        UserError("no answer"),
        Look(WAITS, "5 %"),
        Look(OUT, "worse"),
    ]

    def look() -> Look:
        if isinstance(now := looks.pop(0), UserError):
            raise now
        return now

    assert loop.watch(look, 0, forever=False) == OUT
    assert capsys.readouterr().out.splitlines() == ["no answer", "5 %", "worse"]


def test_finish_waits_for_the_champions_server(monkeypatch: Any) -> None:
    looks = [Look(PROMOTED, "not loaded yet"), Look(NONE, "version 2 has all traffic")]
    assert loop.settle(lambda: looks.pop(0), 0) == "version 2 has all traffic"
    monkeypatch.setattr(loop, "SETTLES", -1.0)
    with pytest.raises(UserError, match="not loaded yet, after"):
        loop.settle(lambda: Look(PROMOTED, "not loaded yet"), 0)


@pytest.fixture
def fleets(monkeypatch: Any) -> tuple[list[Source], list[Source], Any]:
    """Servers of a champion and of a canary, and what judges them: a look is 10 s after the one before."""
    sides: dict[str, list[Source]] = {"champion": [Source("1")], "canary": [Source("2")]}
    monkeypatch.setattr(judging.Fleet, "sources", lambda fleet: sides[fleet.url])
    for name in sides:
        for side in sides[name]:
            side.url = name
    now = [0.0]

    def judged(each: Any, at_most: float = 0) -> judging.Judgement:
        def sleep() -> None:
            now[0] += 10
            each()

        fleets = [judging.Fleet(name) for name in ("champion", "canary")]
        return judging.judge(*fleets, LIMITS, "classification", at_most, sleep, lambda: now[0])

    return sides["champion"], sides["canary"], judged


def test_a_judgement_goes_by_the_rule_of_the_watch(fleets: Any) -> None:
    (champion,), (canary,), judged = fleets
    champion.counted = counts(failed=150)  # of last week
    canary.counted = counts(failed=150)

    def one(**worse: Any) -> None:
        champion.counted += times(20, counts())
        canary.counted += times(1, counts(**worse))

    good = judged(one)
    assert (good.outcome, good.text.splitlines()[0]) == (judging.GOES_ON, "no worse after 1200 requests")
    assert "failed requests: 0.00% where the champion has 0.00%: not worse" in good.text
    bad = judged(lambda: one(failed=40))
    assert (bad.outcome, bad.text) == (
        OUT,
        "failed requests: 20.00% where the champion has 0.00%: worse",
    )


def test_a_judgement_waits_for_traffic_and_then_says_that_there_was_too_little(fleets: Any) -> None:
    (champion,), (canary,), judged = fleets

    def little() -> None:
        champion.counted += counts()
        canary.counted += Counts(1, 0, {"0.1": 1, "1.0": 1, "+Inf": 1}, {"a": 1, "b": 1})

    few = judged(little)
    assert few.outcome == judging.TOO_FEW
    assert few.text.startswith("too little traffic to decide anything: 6 of 100 requests in 60 s")
    assert judged(little, 2000).text.startswith("no worse after 100 requests")


def test_all_servers_of_a_name_are_added_up_those_that_come_and_go_too(fleets: Any) -> None:
    champions, canaries, judged = fleets
    second = Source("2", counts(failed=200), url="second")  # of before
    canaries.append(second)
    looks = []

    def each() -> None:
        looks.append(0)
        champions[0].counted += times(20, counts())
        canaries[0].counted = counts() if len(looks) == 3 else canaries[0].counted + counts()  # anew
        if len(looks) < 3:
            second.counted += counts()
        second.dead = len(looks) >= 3  # what it has counted until then stays

    # the first: 200 each time, also after it was started anew; the second: twice 200
    assert judged(each).text.startswith("no worse after 1600 requests")
    canaries[0].dead = True
    with pytest.raises(UserError, match="does not answer"):
        judged(lambda: None)


def test_a_name_of_kubernetes_stands_for_all_its_servers(monkeypatch: Any) -> None:
    found = [(2, 1, 6, "", ("10.0.0.2", 8000)), (2, 1, 6, "", ("10.0.0.1", 8000))]
    found.append((10, 1, 6, "", ("fd00::1", 8000, 0, 0)))  # type: ignore[arg-type]
    monkeypatch.setattr(judging.socket, "getaddrinfo", lambda *_, **__: found)
    urls = [source.url for source in judging.Fleet("http://canary:8000").sources()]
    assert urls == ["http://10.0.0.1:8000", "http://10.0.0.2:8000", "http://[fd00::1]:8000"]
    assert [source.url for source in judging.Fleet("https://canary").sources()] == ["https://canary"]
    monkeypatch.undo()
    with pytest.raises(UserError, match=r"http://nowhere\.invalid: no server has this name"):
        judging.Fleet("http://nowhere.invalid").sources()


@pytest.mark.parametrize(("outcome", "code"), [(judging.GOES_ON, 0), (OUT, 3), (judging.TOO_FEW, 4)])
def test_a_judgement_is_an_exit_code(finished: Path, monkeypatch: Any, outcome: str, code: int) -> None:
    given: dict[str, Any] = {}

    def judge(champion: Any, canary: Any, limits: Canary, task: str, at_most: float, sleep: Any) -> Any:
        given.update(urls=(champion.url, canary.url), token=canary.token, task=task, at_most=at_most)
        return judging.Judgement(outcome, "why")

    monkeypatch.setattr(command, "judge", judge)
    monkeypatch.setenv("SERVE_TOKEN", "secret")
    parser = ArgumentParser()
    command.add_arguments(parser)
    asked = ["judge", "--champion", "http://a", "--canary", "http://b", "--at-most", "9"]
    with pytest.raises(SystemExit) as ended:
        command.main(parser.parse_args(asked))
    assert ended.value.code == code
    assert given == {
        "urls": ("http://a", "http://b"),
        "token": "secret",
        "task": "classification",
        "at_most": 9,
    }
