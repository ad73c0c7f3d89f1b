"""The circle on one machine: traffic changes, drift is seen, a challenger gets traffic, and answers."""

import csv
import io
import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.baked import Baked
from tests.support.rollout import (
    Load,
    Stage,
    copied,
    first_champion,
    haproxy_file,
    haproxy_is_here,
    ports,
    records,
)
from tests.support.running import commit, rewrite

pytestmark = [pytest.mark.slow, pytest.mark.servers]

TABLE, COLUMN, LONGER = "data/raw/penguins.csv", "flipper_length_mm", 18.0  # mm
LIMITS = """
canary:
  steps: [50, 100]
  seconds: 2
  requests: 40
  predictions: null # the challenger has learned from other rows
  slow: null # on a loaded machine
"""
TODAY = "$(date -u +%F)"
SENT = 10_000  # rows, of which the server writes a file at once


@pytest.fixture
def stage(tmp_path: Path, finished: Baked) -> Iterator[Stage]:
    """The finished project with a champion; its server keeps requests, and haproxy is before it."""
    haproxy_is_here()
    project = copied(finished, tmp_path, "circled")
    with (project.path / "params.yaml").open("a") as params:
        params.write(LIMITS)
    first_champion(project)
    shutil.copy(haproxy_file(), tmp_path / "haproxy.cfg")
    stage = Stage(project, tmp_path, ports("champion", "canary", "haproxy", "metrics"))
    with stage.running("--log-requests", "requests"):
        yield stage


def shifted(row: dict[str, str]) -> dict[str, str]:
    """A bird with longer wings."""
    length = row[COLUMN]
    return row if length in ("", "NA") else {**row, COLUMN: str(float(length) + LONGER)}


def send(stage: Stage, rows: list[dict[str, str]]) -> str:
    """Ask about many of some rows; return the day under which the server has written them down."""
    body = json.dumps(random.Random(0).choices(rows, k=SENT)).encode()
    assert stage.ask("champion", "/predict", body)[0] == 200
    stage.until(lambda: [*stage.project.path.glob("requests/*/*.parquet")])
    (file,) = stage.project.path.glob("requests/*/*.parquet")
    return file.parent.name


def test_from_changed_traffic_to_a_champion_that_knows_it(stage: Stage) -> None:
    project = stage.project
    page = project.read("docs/drift.md")
    (line,) = re.findall(r"^python -m penguins drift requests.* dvc repro; }$", page, re.MULTILINE)

    def cron(day: str) -> str:
        assert TODAY in line
        return project.run("bash", "-euc", line.replace(TODAY, day)).stdout

    before = project.read("dvc.lock")
    said = cron(send(stage, records(project)))
    assert "drift: PSI" not in said
    assert re.search(rf"{COLUMN} .* stable", said), said
    assert project.read("dvc.lock") == before

    shutil.rmtree(project.path / "requests")  # the days before are forgotten
    day = send(stage, [shifted(row) for row in records(project)])
    labelled = list(csv.DictReader(io.StringIO(project.read(TABLE))))
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, [*labelled[0]], lineterminator="\n")
    table.writeheader()
    table.writerows([*labelled, *map(shifted, labelled)])  # the new birds, whose species is known by now
    rewrite(project, TABLE, text.getvalue())
    said = cron(day)
    assert re.search(rf"{COLUMN} .* drift: PSI", said), said
    assert project.read("dvc.lock") != before
    commit(project, "Retrained on what has come")
    project.run("dvc", "push")

    stage.canary("start", "@challenger", "--reason", "drift")
    with Load().on(stage) as load:
        done = project.run(
            "python", "-m", "penguins", "canary", "watch", "--every", "0.5", *stage.where, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert load.failures == []
    assert load.answers["2"] > 80
    stage.until(lambda: stage.version("champion") == "2")
    status, text_ = stage.ask("haproxy", "/predict", json.dumps(records(project)[0]).encode())
    assert (status, json.loads(text_)["model"]["version"]) == (200, "2")
    assert [change["command"] for change in stage.history()] == [
        "register",
        "promote",
        "register",
        *["canary"] * 3,  # the start, 50 %, 100 %
        "promote",
    ]
