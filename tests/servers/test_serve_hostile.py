"""What a client may send to the prediction server: whatever it is, the answer is no fault of ours."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.pictures import browser
from tests.conftest import Bake
from tests.support.baked import Baked, run
from tests.support.lacking import lacking
from tests.support.pages import blocks
from tests.support.running import restored
from tests.support.served import Server, register, server
from tests.support.serving import answered, free_ports

pytestmark = [pytest.mark.slow, pytest.mark.servers]

TOKEN = "the token of the tests"
ROW = {
    "bill_length_mm": 45.0,
    "bill_depth_mm": 17.3,
    "flipper_length_mm": 197,
    "body_mass_g": 4050,
    "island": "Biscoe",
    "sex": "male",
}
LIMITS = ("--max-rows", "50", "--max-bytes", "100000", "--body-seconds", "2", "--grace", "20")
examples = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=list(HealthCheck),
)
names = st.sampled_from([*ROW, "rows", "", "Island", "\u202eisland", "island\x00", "\ud800"])
numbers = st.sampled_from(["NaN", "-Infinity", "1e400", "-0", "1" * 5000, "0.1", "1E-999", "01", "0x10"])
words = st.sampled_from(["", "NA", "\u202eocsiB", "Biscoe", "3,5", "1e999", "nan", "\x00", "😀", "a" * 5000])
quoted = (st.text() | words | names).map(json.dumps)
cells = numbers | quoted | st.sampled_from(["null", "true", "[]", "{}", "[[1]]", '{"a":1}', "["])
# as text, so that a name may be twice in an object, and a number may be none
objects = st.lists(st.tuples(names.map(json.dumps), cells), max_size=8).map(
    lambda pairs: "{" + ",".join(f"{name}:{cell}" for name, cell in pairs) + "}"
)
right = {name: json.dumps(value) for name, value in ROW.items()}
near = st.dictionaries(st.sampled_from([*ROW]), cells, max_size=3).map(
    lambda wrong: "{" + ",".join(f'"{name}":{cell}' for name, cell in {**right, **wrong}.items()) + "}"
)
lists = st.lists(objects | near | cells, max_size=60).map(lambda rows: "[" + ",".join(rows) + "]")
wrapped = st.tuples(
    st.sampled_from(["rows", "dataframe_records", "dataframe_split", "instances", "inputs"]),
    lists | objects | near,
).map(lambda pair: f'{{"{pair[0]}":{pair[1]}}}')
tables = st.lists(st.lists(words | names, max_size=8), max_size=5).map(
    lambda rows: "\n".join(",".join(row) for row in [[*ROW], *rows])
)
texts = (near | objects | lists | wrapped | tables).map(lambda text: text.encode("utf-8", "surrogatepass"))
kinds = st.sampled_from(
    [
        "application/json",
        "text/csv",
        "TEXT/CSV; header=absent",
        "multipart/form-data",
        "",
        "\xff",
        ";;",
    ]
)


@pytest.fixture(scope="module")
def hostile(finished: Baked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("hostile") / "serve.log"
    mounts = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    assert mounts or not os.environ.get("CI"), "the tests under CI may make file systems read-only"
    with restored(finished) as project:
        register(project)
        with server(project, log, *LIMITS, locked_down=mounts, env={"SERVE_TOKEN": TOKEN}) as started:
            yield started
            no_fault_of_ours(started)


def no_fault_of_ours(server: Server) -> None:
    """The log has nothing but JSON, no request that failed, and no trace."""
    events = {(line["event"], line.get("status", 0) >= 500) for line in server.lines}
    assert events <= {(name, False) for name in ("ready", "request", "server", "warning")}, events
    assert "Traceback" not in server.log.read_text()


def sent(server: Server, body: Any, route: str = "/predict", **headers: str) -> tuple[int, Any]:
    """The status and the JSON of an answer to what a client may send."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", route, body, {"authorization": f"Bearer {TOKEN}", **named})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content)


def test_every_route_is_as_it_is_described(hostile: Server, tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("schemathesis")
    left_out = "positive_data_acceptance,negative_data_rejection"  # a text may be a number, or none
    options = ["--generation-deterministic", "--max-examples", "30", "--exclude-checks", left_out]
    token = ["--header", f"Authorization: Bearer {TOKEN}", "--phases", "examples,coverage,fuzzing"]
    run(tmp_path, str(command), "run", f"{hostile.url}/openapi.json", *options, *token)


@given(body=texts | st.binary(max_size=300), kind=kinds, route=st.sampled_from(["/predict", "/invocations"]))
@examples
def test_any_body_is_answered(hostile: Server, body: bytes, kind: str, route: str) -> None:
    status, content = sent(hostile, body, route, content_type=kind)
    assert status in (200, 400, 413, 415, 422)
    assert ("predictions" in content) if status == 200 else content["errors"]


@pytest.mark.parametrize("depth", [50, 500, 900, 1500, 40_000])
def test_however_deep_json_is_nested_it_is_answered(hostile: Server, depth: int) -> None:
    for inner in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        for body in (inner, f'{{"island": {inner}}}', f'{{"island": "Biscoe", "sex": {inner}}}'):
            assert sent(hostile, body.encode())[0] in (413, 422)


cell = st.none() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False, width=32)
column = st.sampled_from([name for name in ROW if name not in ("island", "sex")])
rows = st.lists(
    st.fixed_dictionaries(
        {name: cell for name in ROW if name not in ("island", "sex")}
        | {"island": st.sampled_from(["Biscoe", "Dream", "\u202e", 'a "b", c'])}
        | {"sex": st.sampled_from([None, "male", "female"])}
    ),
    min_size=1,
    max_size=5,
)


@given(rows=rows)
@examples
def test_rows_get_the_same_answer_as_json_and_as_csv(hostile: Server, rows: list[dict[str, Any]]) -> None:
    def quoted(value: object) -> str:
        text = "" if value is None else repr(value) if isinstance(value, float) else str(value)
        return '"' + text.replace('"', '""') + '"'

    lines = [",".join(ROW), *(",".join(quoted(row[name]) for name in ROW) for row in rows)]
    status, as_json = sent(hostile, json.dumps(rows).encode())
    assert status == 200
    _, as_csv = sent(hostile, "\n".join(lines).encode(), content_type="text/csv")
    assert as_csv["predictions"] == as_json["predictions"]


def raw(server: Server, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are, one part after the other, and return what comes until the server hangs up."""
    host, port = server.url.removeprefix("http://").split(":")
    content = b""
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        with suppress(ConnectionError):  # it has hung up: what it said is there to be read
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                content += part
    return content


HEAD = f"POST /predict HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n".encode()


def test_a_body_that_is_slow_or_never_ends_is_refused(hostile: Server) -> None:
    slow = [HEAD + b"content-length: 100\r\n\r\n", *[b"{"] * 50]
    assert raw(hostile, *slow, pause=0.2).startswith(b"HTTP/1.1 408")
    endless = [HEAD + b"transfer-encoding: chunked\r\n\r\n", *[b"2000\r\n" + b" " * 0x2000 + b"\r\n"] * 500]
    assert raw(hostile, *endless).startswith(b"HTTP/1.1 413")
    assert sent(hostile, b" " * 900_000)[0] == 413  # by a client that sends all before it reads
    said_to_be_long = HEAD + b"content-length: 99999999999999999999\r\n\r\n{"
    assert raw(hostile, said_to_be_long).startswith(b"HTTP/1.1 413")
    assert sent(hostile, json.dumps([ROW] * 51).encode())[0] == 413


@pytest.mark.parametrize(
    "head",
    [
        b"POST /predict HTTP/1.1\r\nhost: x\r\n" + b"x-long: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"POST /predict HTTP/1.1\r\n" + b"a: b\r\n" * 200_000 + b"\r\n",
        b"POST /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\n{}",
        HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /predict HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1000,
    ],
)
def test_what_is_hardly_http_is_refused(hostile: Server, head: bytes) -> None:
    assert raw(hostile, head).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": "Bearer \xff"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"content-encoding": "gzip"}, 415),
        ({"x-request-id": "a" * 5000}, 200),
        ({"x-request-id": "<script>"}, 200),
        ({"accept": "text/html"}, 200),
        ({"expect": "100-continue"}, 200),
        ({"x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https"}, 200),
    ],
)
def test_headers_are_answered(hostile: Server, headers: dict[str, str], status: int) -> None:
    given, content = sent(hostile, json.dumps(ROW).encode(), **headers)
    assert given == status
    assert set(content["request_id"]) <= set("0123456789abcdef")


def test_as_few_threads_compute_as_there_are_requests(hostile: Server) -> None:
    sent(hostile, json.dumps([ROW] * 50).encode())
    served = psutil.Process(hostile.process.pid)
    # its own (the web server's, the registry's, the counting one) and those by which MLflow fetches a model
    # and Arrow frees memory: as many on any number of cores
    assert served.num_threads() <= 12, served.threads()
    if hostile.locked_down:
        assert served.uids().effective == 54321


def test_prometheus_gets_the_token_from_a_file(hostile: Server, baked: Bake, tmp_path: Path) -> None:
    """By the configuration on the page, which is read before each scrape: also a token that changes."""
    if not shutil.which("prometheus"):
        lacking("there is no Prometheus (Debian: apt install prometheus)")
    (shown,) = [
        block.text for block in blocks(baked().read("docs/serve.md")) if "scrape_configs" in block.text
    ]
    assert "127.0.0.1:8000" in shown
    told = shown.replace("127.0.0.1:8000", hostile.url.removeprefix("http://"))
    (tmp_path / "prometheus.yml").write_text(f"global: {{scrape_interval: 1s}}\n{told}")
    token, address = tmp_path / "serve_token", f"127.0.0.1:{free_ports(1)}"
    token.write_text("another\n")
    options = ("--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(["prometheus", *options], cwd=tmp_path, stdout=log, stderr=log)

    def result(query: str) -> str:
        with urllib.request.urlopen(f"http://{address}/api/v1/query?query={query}", timeout=60) as said:
            return str([one["value"][1] for one in json.load(said)["data"]["result"]])

    def wait(query: str, says: str) -> None:
        def check() -> None:
            assert process.poll() is None, (tmp_path / "log").read_text()

        answered(lambda: result(query), says, 180, check, (tmp_path / "log").read_text)

    try:
        wait("up", "['0']")
        token.write_text(f"{TOKEN}\n")
        wait("up", "['1']")
        wait('count(serve_model_info{version="1"})', "['1']")
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def page() -> Iterator[browser.Page]:
    if not any(map(shutil.which, browser.NAMES)):
        lacking("there is no Chromium (Debian: apt install chromium)")
    with browser.opened() as opened:
        yield opened


CLICK = "document.querySelector('{}').click()"
TYPE = """
const field = document.querySelector('.auth-container input');
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '{}');
field.dispatchEvent(new Event('input', {{bubbles: true}}));
"""


def test_the_page_of_the_routes_is_tried_out_in_a_browser(hostile: Server, page: browser.Page) -> None:
    page.call("Network.enable")
    page.call("Page.navigate", url=f"{hostile.url}/docs")
    page.wait("!!document.querySelector('.btn.authorize')")
    assert not page.evaluate("document.querySelectorAll('.opblock').length")
    page.evaluate(CLICK.format(".btn.authorize"))
    page.wait("!!document.querySelector('.auth-container input')")
    page.evaluate(TYPE.format(TOKEN))
    page.evaluate(CLICK.format(".auth-btn-wrapper .authorize"))
    page.wait("document.querySelectorAll('.opblock').length >= 8")
    page.evaluate(CLICK.format(".btn-done"))
    page.evaluate(CLICK.format("#operations-predictions-post_predict button"))
    page.wait("!!document.querySelector('.try-out__btn')")
    page.evaluate(CLICK.format(".try-out__btn"))
    page.wait("!!document.querySelector('.execute')")
    page.evaluate(CLICK.format(".execute"))
    shown = "document.querySelector('.live-responses-table')"
    page.wait(f"!!{shown} && {shown}.innerText.includes('probabilities')")
    loaded = "performance.getEntriesByType('resource').map((loaded) => new URL(loaded.name).host)"
    assert set(page.evaluate(loaded)) == {hostile.url.removeprefix("http://")}


def test_without_the_token_there_is_nothing_but_health_and_the_page(hostile: Server) -> None:
    def status(route: str) -> int:
        connection = HTTPConnection(hostile.url.removeprefix("http://"), timeout=60)
        connection.request("GET", route)
        answer: HTTPResponse = connection.getresponse()
        answer.read()
        return answer.status

    for route in ("/model", "/metrics", "/openapi.json", "/version"):
        assert status(route) == 401
    for route in ("/health", "/ready", "/ping", "/docs", "/docs/swagger-ui-bundle.js", "/docs/page.js"):
        assert status(route) == 200
    for route in ("/docs/../model", "/docs/..%2fserve.log", "/docs/%2e%2e/x", "//model", "/x"):
        assert status(route) == 404
