"""The page "Serve it" of a baked project: its steps, in their order, on a real server."""

import json
import time
import urllib.request
from pathlib import Path

import pandas as pd
import psutil
import pytest

from tests.support.baked import Baked
from tests.support.pages import Block, blocks
from tests.support.running import reproduce, store
from tests.support.steps import SERVE, Terminals, terminals

pytestmark = [pytest.mark.slow, pytest.mark.servers]

STEPS = [
    "1. A champion",
    "2. Start",
    "3. Ask",
    "4. Promote while it answers",
    "5. What was asked",
    "6. What came of it",
]


def test_every_step_does_and_shows_what_the_page_says(copy: Baked, tmp_path: Path) -> None:
    reproduce(copy)
    steps = [text for text in copy.read("docs/serve.md").split("\n## ") if text[:1].isdigit()]
    assert [step.splitlines()[0] for step in steps] == STEPS
    with terminals(copy, tmp_path) as typing:
        for step in steps:
            for block in blocks(step.replace("TABLE", "penguins")):
                if block.kind == "csv":
                    (copy.path / block.file).write_text(block.text)
                    continue
                if block.text.startswith("python -m penguins drift"):
                    assert "On Ctrl-C the server finishes" in step
                    typing.end()
                typing.type(block)
        log = [json.loads(line) for line in typing.log.read_text().splitlines()]
        check_several_workers(typing)
    assert copy.run("git", "status", "--porcelain").stdout == ""
    assert [line["status"] for line in log if line["event"] == "request" and line["route"] == "/predict"][
        :2
    ] == [
        200,
        422,
    ]
    assert SERVE in copy.read("docs/serve.md")
    runs = store(copy).of("penguins-data")
    (live,) = [run for run in runs if "feedback.version" in run["tags"]]
    assert live["tags"]["feedback.version"] == "penguins version 1"
    assert live["metrics"]["rows"] == 1


def ask(typing: Terminals, times: int, id: str) -> None:
    """Ask about the rows of a file, each time by a connection of its own."""
    url = f"http://127.0.0.1:{typing.port}/invocations"
    body = "\n".join(typing.project.read("data/raw/penguins.csv").splitlines()[:4]).encode()
    for number in range(times):
        headers = {"content-type": "text/csv", "x-request-id": f"{id}-{number}"}
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
            assert answer.status == 200


def check_several_workers(typing: Terminals) -> None:
    """Each worker writes files of its own; one that is killed takes what waited, and no more, with it."""
    typing.type(Block("sh", "", f"{SERVE} --workers 2 --log-requests kept"))
    assert typing.server
    ask(typing, 40, "before")
    workers = psutil.Process(typing.server.pid).children(recursive=True)
    next(worker for worker in workers if "spawn_main" in " ".join(worker.cmdline())).kill()
    until = time.monotonic() + 240
    while typing.log.read_text().count('"event": "ready"') < 3:
        assert time.monotonic() < until, typing.log.read_text()
        time.sleep(0.1)
    ask(typing, 40, "after")
    typing.end()
    files = [path for path in (typing.project.path / "kept").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".parquet", ""}  # .gitignore
    rows = pd.concat([pd.read_parquet(path) for path in files if path.suffix], ignore_index=True)
    assert not rows.duplicated(["request_id", "request_row"]).any()
    after = rows["request_id"].str.startswith("after-")
    assert after.sum() == 120
    assert (~after).sum() <= 120
