"""`probe` on a server of a real version, in this process: what is right, and each thing that can be wrong."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands import probe
from penguins.engine.load_test.short import load
from penguins.engine.registry.predictor import Predictor
from penguins.engine.rollout import probing
from penguins.engine.serving.app import create
from penguins.engine.serving.live import Live
from penguins.engine.serving.served import Served
from penguins.engine.serving.settings import Settings
from penguins.engine.tracking import store
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def predictor(finished: Path) -> Iterator[Predictor]:
    with store.opened() as client:
        yield Predictor.find(client, "things", "1")


@pytest.fixture(scope="module")
def ask(finished: Path) -> Iterator[probing.Ask]:
    """Ask a server of version 1, as `probing.asking` does."""
    served = Served.here()
    live = Live(Settings("things", "1"), served.data)
    live.start()
    with TestClient(create(live)) as client:

        def ask(route: str, given: object = None) -> tuple[int, str]:
            said = client.get(route) if given is None else client.post(route, json=given)
            return said.status_code, said.text

        yield ask


def wrong(ask: probing.Ask, predictor: Predictor) -> dict[str, str]:
    return {one.name: one.wrong for one in probing.contract(ask, predictor, Served.here().data) if one.wrong}


def test_a_server_of_the_version_keeps_its_contract(ask: probing.Ask, predictor: Predictor) -> None:
    assert wrong(ask, predictor) == {}
    names = [one.name for one in probing.contract(ask, predictor, Served.here().data)]
    assert len(names) > 5
    assert {"version", "columns", "example", probing.UNKNOWN, "no rows"} < set(names)
    assert any(name.endswith(probing.NO_NUMBER + "'") for name in names)


def test_what_is_otherwise_is_named(ask: probing.Ask, predictor: Predictor) -> None:
    def changed(change: Any) -> dict[str, str]:
        def other(route: str, given: object = None) -> tuple[int, str]:
            status, text = ask(route, given)
            return change(route, given, status, json.loads(text))

        return wrong(other, predictor)

    def another_version(route: str, given: object, status: int, said: Any) -> tuple[int, str]:
        return status, json.dumps(said | {"version": "2"} if route == "/model" else said)

    assert changed(another_version) == {"version": "version is 2, and not 1"}

    def less_certain(route: str, given: object, status: int, said: Any) -> tuple[int, str]:
        for row in said.get("predictions", []):
            row["probabilities"] = {name: value * 0.999 for name, value in row["probabilities"].items()}
        return status, json.dumps(said)

    assert changed(less_certain).keys() == {"example"}

    def lenient(route: str, given: object, status: int, said: Any) -> tuple[int, str]:
        return 200 if status == 422 else status, json.dumps(said)

    names = changed(lenient)
    assert probing.UNKNOWN in names
    assert "200 and not 422" in names["no rows"]


@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", '{"version": "1"}', '{"predictions": [1]}', '{"predictions": []}']
)
def test_something_that_is_no_prediction_server_is_named(
    ask: probing.Ask, predictor: Predictor, text: str
) -> None:
    assert wrong(lambda route, given: (200, text), predictor).keys() == {"version"}

    def only_the_model(route: str, given: object = None) -> tuple[int, str]:
        return ask(route, given) if route == "/model" else (200, text)

    assert wrong(only_the_model, predictor)["example"] == f"no prediction: {text}"


def test_a_load_counts_what_fails_and_what_is_slow(ask: probing.Ask, predictor: Predictor) -> None:
    example = probing.own_example(predictor)
    good = load(ask, example, 2, 0.2, p99=60)
    assert not good.wrong
    assert "by 2 clients, p99" in good.seen
    assert "at most 0 ms are wanted" in load(ask, example, 1, 0.1, p99=0).wrong
    failing = load(lambda route, given: (503, "away"), example, 1, 0.01, p99=60)
    assert "requests failed: 503: away" in failing.wrong


def test_the_command_says_what_it_saw_and_fails_if_something_is_wrong(
    ask: probing.Ask, finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(probe, "asking", lambda url, token: ask)
    parser = ArgumentParser()
    probe.add_arguments(parser)

    def run(*options: str) -> str:
        parsed = parser.parse_args(["http://staging", "--model", "1", "--seconds", "0.1", *options])
        probe.main(parsed)
        return capsys.readouterr().out

    said = run("--p99", "60")
    assert "example: " in said
    assert "as it should be" in said
    with pytest.raises(UserError, match=r"http://staging: 1 of \d+ tests failed: load"):
        run("--p99", "1e-9")


def test_a_server_that_is_not_there_is_a_line() -> None:
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9: does not answer"):
        probing.asking("http://127.0.0.1:9", "")("/model", None)
