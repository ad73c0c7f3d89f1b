"""A load test without the load: which rows are sent, how figures are judged, and what stops it before."""

import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from pathlib import Path

import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base.errors import UserError
from penguins.engine.blocks.slo import Slo
from penguins.engine.commands import load_test as command
from penguins.engine.load_test import running
from penguins.engine.load_test.rows import drawn
from penguins.engine.load_test.running import Measured
from penguins.engine.load_test.verdict import judged, percentile
from penguins.engine.params import read_params
from penguins.engine.scoring.expected import Expected
from penguins.engine.scoring.records import checked
from penguins.params import Params

ROLES = {
    "width": "numeric",
    "height": "numeric",
    "colour": "categorical",
    "note": "text",
    "made": "date",
    "sold": "date",
}


def test_the_rows_that_are_sent_are_read_as_those_of_the_table(project: Path) -> None:
    table = pd.read_csv("data/raw/table.csv")
    days = pd.date_range("2024-01-01", periods=len(table), freq="31h")
    table["made"], table["sold"] = days.strftime("%d.%m.%Y %H:%M"), days.astype(str)
    table.loc[3, ["made", "sold"]] = None
    table.to_csv("data/raw/table.csv", index=False)
    params = Path("params.yaml").read_text().replace("    drop:", "    date: [made, sold]\n    drop:")
    formats = '  date_formats: {made: "%d.%m.%Y %H:%M"}'
    Path("params.yaml").write_text(params.replace("split:", f"{formats}\nsplit:", 1))
    stage.run("validate")
    rows = drawn(read_params(Params), ROLES)
    assert len(rows) == len(table)
    assert all([*row] == [*ROLES] for row in rows)
    assert rows != drawn(read_params(Params), ROLES, seed=1)

    raw, found = checked(rows, Expected.by_role(ROLES, read_params(Params).data), allow_missing=True)
    assert found.right.all(), found.reasons(raw)
    validated = pd.read_parquet("data/validated.parquet")[[*ROLES]]
    sent, kept = (frame.sort_values([*ROLES], ignore_index=True) for frame in (found.table, validated))
    pd.testing.assert_frame_equal(sent, kept, check_dtype=False)
    with pytest.raises(UserError, match=r"validated.parquet: lacks weight, which the version that answers"):
        drawn(read_params(Params), {"width": "numeric", "weight": "numeric"})


def test_a_limit_is_met_up_to_its_own_value() -> None:
    measured = Measured([float(n) for n in range(1, 100)], {"500: no": 1}, 10.0)
    assert (measured.requests, measured.failed) == (100, 1)
    exact = Slo(p50_ms=50, p99_ms=99, errors=0.01, requests_per_second=9.9)
    found = {objective.key: objective for objective in judged(measured, exact)}
    assert {key: objective.value for key, objective in found.items()} == {
        "p50_ms": 50,
        "p99_ms": 99,
        "errors": 0.01,
        "requests_per_second": 9.9,
    }
    assert all(objective.is_met for objective in found.values())
    stricter = Slo(p50_ms=49.9, p99_ms=98.9, errors=0.009, requests_per_second=10)
    assert not any(objective.is_met for objective in judged(measured, stricter))
    off = judged(measured, Slo(p50_ms=None, p99_ms=None, errors=None, requests_per_second=None))
    assert [(objective.is_met, objective.row()["verdict"]) for objective in off] == [(True, "")] * 4


def test_where_nothing_is_answered_no_time_is_met() -> None:
    found = judged(Measured([], {"no answer": 3}, 30.0), Slo())
    assert [objective.is_met for objective in found] == [False] * 4
    assert found[0].row()["measured"] == "no answer"
    assert percentile([], 0.5) == inf
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (0.0, 0.25, 0.26, 0.5, 0.99, 1.0)] == [
        1, 1, 2, 2, 4, 4,
    ]  # fmt: skip


@contextmanager
def answering(status: int, text: str) -> Iterator[str]:
    """Answer everything with the same."""

    class Same(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def refused(monkeypatch: pytest.MonkeyPatch, *arguments: str, installed: bool = True) -> str:
    """Return why it does not begin."""
    parser = ArgumentParser()
    command.add_arguments(parser)
    monkeypatch.setattr(running, "find_spec", lambda name: object() if installed else None)
    with pytest.raises(UserError) as error:
        command.main(parser.parse_args(arguments))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_stops_it_is_a_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVE_TOKEN", raising=False)
    nowhere = "http://127.0.0.1:9"
    assert refused(monkeypatch, nowhere, "--users", "0") == "--users 0: needs a number from 1 to 200"
    assert refused(monkeypatch, nowhere, "--seconds", "601") == "--seconds 601: needs a number from 1 to 600"
    assert '`pip install "locust>=' in refused(monkeypatch, nowhere, installed=False)
    assert refused(monkeypatch, nowhere).startswith(f"{nowhere}: does not answer: URLError")
    with answering(401, "") as url:
        assert refused(monkeypatch, url).startswith(f"{url}: wants a token: put it into SERVE_TOKEN")
        monkeypatch.setenv("SERVE_TOKEN", "wrong")
        assert refused(monkeypatch, url).startswith(f"{url}: wants another token: put it into SERVE_TOKEN")
    with answering(200, "<html>") as url:
        assert refused(monkeypatch, url).startswith(f"{url}: is not a prediction server")
    with answering(200, '{"version": "1", "columns": [{"name": "width", "role": "numeric"}]}') as url:
        assert "validate" in refused(monkeypatch, url)  # which has not run
        with Path("params.yaml").open("a") as params:
            params.write("slo: {errors: 1.0}\n")
        assert "slo.errors" in refused(monkeypatch, url)
