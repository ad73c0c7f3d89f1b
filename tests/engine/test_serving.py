"""The server: bodies, answers, mistakes, the exchange of versions; no network, and a model of one line."""

import json
import logging
import logging.config
import os
import re
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands.serve import check_address, serve
from penguins.engine.params import Data
from penguins.engine.scoring.expected import Expected
from penguins.engine.serving import live as live_module
from penguins.engine.serving import log, metrics
from penguins.engine.serving.answers import Answer, answer
from penguins.engine.serving.app import create
from penguins.engine.serving.bodies import RefusedError, rows_of
from penguins.engine.serving.counts import put_together
from penguins.engine.serving.live import Live
from penguins.engine.serving.settings import Settings
from penguins.engine.serving.version import Version
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.testclient import TestClient
from uvicorn import Config

DATA = Data.model_validate(
    {
        "task": "classification",
        "path": "x.csv",
        "target": "kind",
        "missing": ["NA"],
        "columns": {"numeric": ["width", "height"], "categorical": ["colour"]},
    }
)
INPUTS = [
    {"name": "width", "role": "numeric", "missing": False, "example": 3.5, "unit": "cm"},
    {"name": "height", "role": "numeric", "missing": True, "example": 2.0},
    {
        "name": "colour",
        "role": "categorical",
        "missing": False,
        "example": "red",
        "categories": ["blue", "red"],
    },
]
ROW = {"width": 6.0, "height": 1, "colour": "red"}


def predict(rows: pd.DataFrame) -> pd.DataFrame:
    """Call what is wider than 5 large."""
    large = (rows["width"] > 5).astype(float)
    labels = ["large" if value else "small" for value in large]
    return pd.DataFrame({"predicted": labels, "probability_large": large, "probability_small": 1 - large})


def version(number: str = "1", **known: Any) -> Version:
    known = {"inputs": INPUTS, "target": {"name": "kind"}, **known}
    predictor: Any = SimpleNamespace(predict=predict, named=f"things version {number}")
    expected = Expected.of(known, DATA)
    return Version(number, predictor, expected, known, dict(ROW), {"version": number, "run": "r1"})


@pytest.fixture
def live() -> Live:
    answering = Live(Settings("things", "@champion", max_rows=3, max_bytes=500, body_seconds=5), DATA)
    answering.take(version())
    return answering


@pytest.fixture
def client(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.delenv("SERVE_TOKEN", raising=False)
    with TestClient(create(live)) as asked:
        yield asked


def test_a_row_is_predicted_and_the_answer_says_by_which_version(client: TestClient) -> None:
    answer = client.post("/predict", json=ROW, headers={"x-request-id": "mine-1"})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.json() == {
        "request_id": "mine-1",
        "model": {"name": "things", "version": "1"},
        "predictions": [{"prediction": "large", "probabilities": {"large": 1.0, "small": 0.0}}],
    }


def test_json_and_csv_get_the_same_answer(client: TestClient) -> None:
    rows = [ROW, {"width": 2, "height": None, "colour": "blue"}]
    bodies = [
        rows,
        {"rows": rows},
        [{"width": "6.0", "height": "1", "colour": "red"}, {"width": "2", "height": "NA", "colour": "blue"}],
    ]
    answers = [client.post("/predict", json=body).json()["predictions"] for body in bodies]
    csv = "width,height,colour\n6.0,1,red\n2,,blue\n"
    answers.append(
        client.post("/predict", content=csv, headers={"content-type": "text/csv"}).json()["predictions"]
    )
    assert [row["prediction"] for row in answers[0]] == ["large", "small"]
    assert all(answer == answers[0] for answer in answers)


def test_a_column_that_was_missing_in_training_may_be_left_out(client: TestClient) -> None:
    assert client.post("/predict", json={"width": 6, "colour": "red"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ('{"width": "six", "colour": "red"}', 422, [(0, "width", "'six' is not a number in cm")]),
        ('{"width": 1e400, "colour": "red"}', 422, [(0, "width", "is not a number in cm")]),
        (
            '[{"width": 6, "colour": "red"}, {"width": null, "colour": "red"}]',
            422,
            [(1, "width", "is missing")],
        ),
        ('{"width": 6, "colour": ["red"]}', 422, [(0, "colour", "is no single value")]),
        ('{"width": {"a": 1}, "colour": "red"}', 422, [(0, "width", "is not a number")]),
        (
            '{"width": 6, "color": "red"}',
            422,
            [(0, "color", "colour"), (0, "colour", "missing that the model needs")],
        ),
        ('{"width": NaN, "colour": "red"}', 422, [(None, None, "NaN is not a JSON number")]),
        ('{"width": 6, "width": 7, "colour": "red"}', 422, [(None, None, "'width' is twice in one object")]),
        ("[1]", 422, [(0, None, "is not an object")]),
        ("3", 422, [(None, None, "nor a list of objects")]),
        ("[]", 422, [(None, None, "there are no rows")]),
        ("[" * 400, 422, [(None, None, "is not JSON")]),
        ('{"width": ' + "[" * 200 + "]" * 200 + ', "colour": "red"}', 422, [(0, "width", "is not a number")]),
        ("{" + "[" * 100_000, 413, [(None, None, "longer than 500 bytes")]),
        ('{"width": 6, "colour": "\\ud800"}', 422, [(None, None, "half of a character")]),
        ('{"width": 6, "colour": "\\u202ered"}', 200, []),
        (json.dumps([ROW] * 4), 413, [(None, None, "4 rows; at most 3")]),
    ],
)
def test_a_mistake_is_a_line_with_its_place(
    client: TestClient, body: str, status: int, says: list[tuple[int | None, str | None, str]]
) -> None:
    answer = client.post("/predict", content=body.encode())
    assert answer.status_code == status
    mistakes = answer.json().get("errors", [])
    assert len(mistakes) == len(says)
    for mistake, (row, column, text) in zip(mistakes, says, strict=True):
        assert (mistake.get("row"), mistake.get("column")) == (row, column)
        assert text in mistake["message"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff\xfe", "can't decode"),
        (b"", "it has no header"),
        (b'"', "line 1: unexpected end of data"),
        (b"width;colour\n6,5;red\n", "its cells are separated by ';', not by ','"),
        (b"width,width,colour\n1,2,red\n", "more than one column 'width'"),
        (b"width,colour\n6,red\n\n4\n", "row 1 has 1 cells, and the header 2: an empty cell needs"),
        (b"width,colour\n6,red\n6,5,red\n", "row 1 has 3 cells, and the header 2: put a cell with a ','"),
        # pandas leaves out the last cell if the first row has one too many: 6,5 would be 6
        (b"width,height,colour\n6,5,1,red\n", "row 0 has 4 cells, and the header 3: put a cell with a ','"),
        (b'width,colour\n6,red\n6,"red\n', "line 3: unexpected end of data"),
    ],
)
@pytest.mark.parametrize("route", ["/predict", "/invocations"])
def test_csv_is_read_as_strictly_as_a_file(client: TestClient, route: str, body: bytes, says: str) -> None:
    answer = client.post(route, content=body, headers={"content-type": "text/csv"})
    assert answer.status_code == 422
    (mistake,) = answer.json()["errors"]
    assert says in f"row {mistake.get('row')} {mistake['message']}"


def test_a_body_with_very_many_names_takes_no_longer_for_it() -> None:
    """Comparing each name with each would take hours; looking for a close one for each, half a minute."""
    names = [f"k{number}" for number in range(300_000)]
    wide = ",".join(names)
    objects = "{" + ",".join(f'"{name}":1' for name in names)
    bodies = [objects + "}", objects + ',"z":1,"z":2}']
    with pytest.raises(RefusedError, match="422"):
        answer(version(), rows_of(bodies[0].encode(), ""), 3, terse=False)
    with pytest.raises(RefusedError) as refused:
        rows_of(bodies[1].encode(), "")
    assert "'z' is twice" in refused.value.mistakes[0]["message"]
    for header in (f"{wide},k0", ",".join("k" for _ in names)):
        with pytest.raises(RefusedError, match="422"):
            rows_of(header.encode(), "text/csv")


@pytest.mark.parametrize(
    "body",
    [
        {
            "dataframe_split": {
                "columns": ["width", "colour", "other"],
                "data": [[6, "red", 1], [2, "blue", 2]],
            }
        },
        {"dataframe_records": [{"width": 6, "colour": "red"}, {"width": 2, "colour": "blue"}]},
        {"inputs": {"width": [6, 2], "colour": ["red", "blue"]}},
    ],
)
def test_mlflows_own_forms_are_taken(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/invocations", json=body).json() == {"predictions": ["large", "small"]}
    assert client.get("/ping").status_code == 200
    assert client.get("/version").text.startswith("3.")


def test_mlflows_clients_send_nan_for_a_missing_value(client: TestClient) -> None:
    for value, status in (("NaN", 200), ("Infinity", 422)):
        body = json.dumps({"dataframe_records": [{**ROW, "height": "H"}]}).replace('"H"', value)
        assert client.post("/invocations", content=body).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": {"width": [1], "colour": []}},
        {"inputs": {}},
        {"dataframe_split": []},
        {"dataframe_split": {"columns": ["a", "a"], "data": []}},
        {"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}},
    ],
)
def test_what_is_none_of_them_is_400(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/invocations", json=body).status_code == 400


def test_terse_answers_name_no_column_and_no_cell(live: Live) -> None:
    live.settings = replace(live.settings, terse=True)
    with TestClient(create(live)) as client:
        for body in ({"width": "six", "colour": "red"}, {"colour": "red"}, {"width": 6, "colour": ["red"]}):
            answer = client.post("/predict", json=body)
            assert answer.status_code == 422
            assert not any(word in answer.text for word in ("width", "colour", "six"))


def test_with_a_token_only_who_has_it_is_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVE_TOKEN", "sécret")
    assert client.post("/predict", json=ROW).status_code == 401
    assert client.get("/metrics").status_code == 401
    assert client.get("/health").status_code == client.get("/ready").status_code == 200
    for given, status in (("Bearer wrong", 401), ("Basic sécret", 401), ("Bearer sécret", 200)):
        headers = {"authorization": given.encode()}
        assert client.post("/predict", json=ROW, headers=headers).status_code == status


def test_without_one_only_this_machine_is_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVE_TOKEN", raising=False)
    for host in ("127.0.0.1", "::1", "localhost"):
        check_address(host, False)
    with pytest.raises(UserError, match="set SERVE_TOKEN, or give --open"):
        check_address("0.0.0.0", False)
    check_address("0.0.0.0", True)
    monkeypatch.setenv("SERVE_TOKEN", "x")
    check_address("0.0.0.0", False)


def test_a_worker_has_the_time_to_import_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """After five seconds, uvicorn's default, it was killed and started again, on a busy machine for ever."""
    asked: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **how: asked.update(how))
    serve("penguins:none", Namespace(host="127.0.0.1", port=8000, grace=30), workers=2)
    config = Config("penguins:none", **{key: asked[key] for key in ("workers", "timeout_worker_healthcheck")})
    assert config.timeout_worker_healthcheck >= 60


def test_what_answers_is_described_and_counted(client: TestClient) -> None:
    assert client.get("/model").json() == {"version": "1", "run": "r1"}
    described = client.get("/openapi.json").json()
    content = described["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    row = content["schema"]["properties"]["rows"]["items"]
    assert row["required"] == ["colour", "width"]
    assert row["properties"]["width"]["description"] == "in cm"
    assert client.post("/predict", json=content["example"]).status_code == 200
    client.post("/predict", json=[{"width": 6, "colour": "green"}, {"width": 1, "colour": "red"}])
    text = client.get("/metrics").text
    assert 'serve_model_info{name="things",run="r1",version="1"} 1.0' in text
    for line in (
        'serve_missing_total{column="height",version="1"}',
        'serve_unseen_total{column="colour",version="1"}',
        'serve_predicted_total{label="small",version="1"}',
        'serve_requests_total{route="/predict",status="200",version="1"}',
        'serve_request_seconds_count{route="/predict"}',
    ):
        assert line in text


def test_the_log_has_no_value_of_a_row(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.post("/predict", json={"width": 6, "colour": "a name of somebody"})
    client.post("/predict", json={"width": "a name of somebody", "colour": "red"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["status"], line["rows"]) for line in lines] == [(200, 1), (422, 0)]
    assert "somebody" not in str(lines)


def test_a_route_that_there_is_not_is_json(client: TestClient) -> None:
    assert client.get("/nothing").json() == {"errors": [{"message": "Not Found"}]}
    answer = client.get("/predict")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_an_answer_is_of_one_version_and_a_bad_one_is_not_taken(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = {"@champion": "2"}
    registry = SimpleNamespace(find=lambda alias: SimpleNamespace(version=numbers[alias]))
    monkeypatch.setattr(live_module, "Registry", lambda client, name: registry)
    monkeypatch.setattr(live_module.store, "connect", lambda: None)
    monkeypatch.setattr(live_module, "local_database", lambda uri: None)

    def load(*of: Any) -> Version:
        if numbers["@champion"] == "3":
            raise UserError("things version 3: its files are gone")
        return version(numbers["@champion"])

    monkeypatch.setattr(live_module, "load", load)
    live.look()
    assert live.version
    assert live.version.number == "2"
    numbers["@champion"] = "3"
    with pytest.raises(UserError):
        live.look()
    live.look()  # it was refused: it is not tried again and again, but after a minute
    monkeypatch.setattr(live_module, "AGAIN", 0.0)
    live._again = 0.0
    with pytest.raises(UserError):
        live.look()
    assert live.version.number == "2"
    numbers["@champion"] = "4"
    live.look()
    assert live.version.number == "4"
    counted = metrics.page()[0].decode()
    told = re.findall(r'serve_model_info\{name="things",run="r1",version="(\d)"\} (.*)', counted)
    assert told == [("4", "1.0")]
    assert 'serve_rows_total{version="1"}' in counted
    assert 'serve_reloads_total{result="loaded"} 2.0' in counted
    assert 'serve_reloads_total{result="failed"} 0.0' in counted


def test_a_worker_waits_for_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, answers = Live(Settings("things", "3", poll=0.0), DATA), [UserError("no store"), version()]

    def load(*of: Any) -> Version:
        answer = answers.pop(0)
        if isinstance(answer, UserError):
            raise answer
        return answer

    monkeypatch.setattr(live_module.store, "connect", lambda: None)
    monkeypatch.setattr(live_module, "local_database", lambda uri: None)
    monkeypatch.setattr(live_module, "load", load)
    waiting.start_at_last()
    assert waiting.version
    answers.append(UserError("no store"))
    waiting.stop()  # SIGTERM
    with pytest.raises(UserError, match="no store"):
        waiting.start_at_last()


def test_a_server_creates_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "local_database", lambda uri: tmp_path / "mlflow.db")
    with pytest.raises(UserError, match="there is no tracking store"):
        Live(Settings("things", "3"), DATA).start()
    assert not (tmp_path / "mlflow.db").exists()


def total(folder: Path, name: str) -> float:
    """Add up a metric as Prometheus gets it."""
    collector: Any = MultiProcessCollector
    collected = collector(None, str(folder)).collect()
    return sum(sample.value for metric in collected for sample in metric.samples if sample.name == name)


def test_what_dead_workers_counted_goes_on_to_count_in_one_file(tmp_path: Path) -> None:
    written: Any = MmapedDict
    for round in (1, 2):
        for kind, of in (("counter", 2**30), ("counter", os.getpid()), ("gauge_livemax", 2**30)):
            file = written(str(tmp_path / f"{kind}_{of + (round if of == 2**30 else 0)}.db"))
            file.write_value(mmap_key(kind, f"{kind}_total", ["of"], ["x"], "help"), 2.0, 0.0)
            file.close()
        with put_together(tmp_path):
            assert total(tmp_path, "counter_total") == 2 * round + 2
            assert total(tmp_path, "gauge_livemax_total") == 0
        kept = sorted(file.name for file in tmp_path.glob("*.db"))
        assert kept == [f"counter_{os.getpid()}.db", "counter_dead.db"]


@pytest.mark.parametrize("few", [False, True])
def test_predictions_of_numbers_are_counted_by_bin(client: TestClient, live: Live, few: bool) -> None:
    bins = {"counts": [5, 5, 5], "values" if few else "edges": [1.5, 2.5]}
    live.version = version("7" if few else "8", target={"name": "x", "type": "number", "reference": bins})
    numbers = [{"prediction": value} for value in (1.5, 2.5, 2.4, 9.0)]
    metrics.count_rows(live.version, Answer(numbers, {}, {}, lambda: (pd.DataFrame(), pd.DataFrame())))
    text = client.get("/metrics").text
    counted = {
        (label, float(count))
        for label, count in re.findall(r'serve_predicted_total{label="(.*)",version="[78]"} (.*)', text)
    }
    assert counted == {("up to 1.5", 1.0), ("1.5 to 2.5", 2.0), ("above 2.5", 1.0)}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-encoding": "gzip"}, 415),
        ({"content-encoding": "identity"}, 200),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": 'application/json; charset="UTF-8"'}, 200),
        ({"content-type": "application/x-www-form-urlencoded"}, 200),  # what curl says of --data
    ],
)
def test_bodies_come_as_they_are_and_in_utf8(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/predict", content=json.dumps(ROW), headers=headers).status_code == status


def test_the_page_of_the_routes_has_all_its_files_and_needs_no_token(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "security" not in client.get("/openapi.json").json()
    monkeypatch.setenv("SERVE_TOKEN", " x\n")  # as a file has it
    page = client.get("/docs").text
    for name in re.findall(r'(?:src|href)="docs/(.*?)"', page):
        assert client.get(f"/docs/{name}").status_code == 200
    assert "://" not in page + client.get("/docs/page.js").text
    assert client.get("/docs/swagger-ui.js.map").status_code == 404
    assert client.get("/openapi.json").status_code == 401
    described = client.get("/openapi.json", headers={"authorization": "Bearer x"}).json()
    assert described["security"] == [{"token": []}]
    assert described["paths"]["/health"]["get"]["security"] == []
    monkeypatch.setattr("penguins.engine.serving.docs.find_spec", lambda name: None)
    assert "flask-swagger-ui is not installed" in client.get("/docs").text


def test_what_libraries_log_is_json_without_the_text_of_an_exception(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.config.dictConfig(log.settings())
    try:
        raise ValueError("a name of somebody")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("It failed\nin two lines")
    log.warned("a name of somebody", UserWarning, "/x/y.py", 3)
    failed, warned = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (failed["level"], failed["message"], failed["error"]) == ("error", "It failed", "ValueError")
    assert (warned["category"], warned["where"]) == ("UserWarning", "y.py:3")
    assert "somebody" not in str((failed, warned))


WORDS = ["width", "height", "colour", "rows", "red", "", "NA", "\u202e", "\x00", "1e999", "nan", "-0"]


def anything(random: Random, depth: int = 0) -> Any:
    """Make JSON of any shape, more often near to what is wanted."""
    kind = random.randrange(9 if depth < 4 else 6)
    if kind < 3:
        return random.choice(WORDS)
    if kind < 6:
        return random.choice([None, True, 0, -1, 2**70, 1e308, 0.1, ROW])
    if kind < 7:
        return [anything(random, depth + 1) for _ in range(random.randrange(4))]
    return {random.choice(WORDS): anything(random, depth + 1) for _ in range(random.randrange(5))}


def test_nothing_that_a_client_sends_is_a_fault_of_ours(client: TestClient) -> None:
    random = Random(0)
    for _ in range(400):
        route, form = random.choice(
            [("/predict", ""), ("/invocations", "dataframe_records"), ("/invocations", "inputs")]
        )
        body = anything(random)
        sent = json.dumps({form: body} if form else body).encode()
        if random.random() < 0.2:
            sent = bytes(byte for byte in sent if random.random() < 0.95)
        kind = random.choice(["application/json", "text/csv", "", "x"])
        answer = client.post(route, content=sent, headers={"content-type": kind})
        assert answer.status_code in (200, 400, 413, 422), (sent, answer.text)
        answer.json()
