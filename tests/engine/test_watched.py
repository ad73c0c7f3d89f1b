"""The rows of answers by bins, which `/metrics` says: each row once, beside the reference."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.drift.predictions import describe
from penguins.engine.serving import metrics, settings
from penguins.engine.serving.app import create
from penguins.engine.serving.limits import Limits
from penguins.engine.serving.live import Live
from penguins.engine.serving.settings import Settings, token
from penguins.engine.serving.watched import columns
from penguins.params import load_params
from sklearn.linear_model import LogisticRegression
from starlette.testclient import TestClient

from tests.engine.test_quick import table, version

LINE = re.compile(
    r'^serve_(.+)\{bin="(\d+) (.*)",column="(\w+)",kind="(\w+)",version="watched"\} (.*)$', re.M
)


def bins(text: str, metric: str, column: str) -> list[float]:
    """Return the rows in each bin of a column, by the place of the bin."""
    found = [line for line in LINE.findall(text) if (line[0], line[3]) == (metric, column)]
    return [float(rows) for *_, rows in sorted(found, key=lambda line: int(line[1]))]


def test_each_row_is_in_one_bin_of_each_column(shared_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVE_TOKEN", raising=False)
    made = version(LogisticRegression(), texts=True)
    predicted = describe(made.predict(table()))
    watched = columns(made.known, predicted, {"code"})
    live = Live(Settings("things", "@champion"), load_params().data)
    live.take(replace(made, number="watched", watched=watched))
    high = {"width": 8.9, "height": 1.5, "colour": "red", "code": "1", "note": "a fine thing"}
    rows = [high, {**high, "colour": "violet", "height": None}, {**high, "width": -2.9, "note": None}]
    with TestClient(create(live)) as client:
        before = client.get("/metrics").text
        assert sum(bins(before, "bin_rows_total", "width")) == 0
        for body in (rows, high, {**high, "width": "8.9 cm"}):  # the last one is read the general way
            assert client.post("/predict", json=body).status_code == 200
        text = client.get("/metrics").text
    width = bins(text, "bin_rows_total", "width")
    assert (width[0], width[-1], sum(width)) == (1, 4, 5)
    assert sum(bins(text, "bin_rows_total", "height")) == 4  # of the others, one has none
    colours = dict(zip(made.known["inputs"][2]["reference"]["values"], [0] * 4, strict=True))
    counted = bins(text, "bin_rows_total", "colour")
    assert (counted[list(colours).index("red")], counted[-1]) == (4, 1)
    assert bins(text, "bin_rows_total", "code") == []  # it is private
    assert sum(bins(text, "bin_rows_total", "predicted")) == 5
    assert bins(text, "reference_bin_rows", "colour") == made.known["inputs"][2]["reference"]["counts"]
    assert bins(text, "reference_bin_rows", "predicted") == predicted["columns"]["predicted"]["counts"]
    height = table()["height"].isna().mean()
    assert f'serve_reference_missing_ratio{{column="height",version="watched"}} {height}' in text
    assert 'serve_reference_unseen_ratio{column="colour",version="watched"} 0.0' in text


def told(text: str, number: str) -> set[str]:
    """Return the gauges that tell something of a version."""
    gauges = re.findall(r"^# TYPE (serve_\w+) gauge$", text, re.M)
    return {name for name in gauges if re.search(rf'^{name}{{[^}}]*version="{number}"', text, re.M)}


def test_what_is_told_of_a_version_ends_with_it_and_what_was_counted_stays(shared_project: Path) -> None:
    made = version(LogisticRegression())
    first, second = (
        replace(made, number=number, watched=columns(made.known, {})) for number in ("old", "new")
    )
    live = Live(Settings("things", "@champion"), load_params().data)
    for taken, other in ((first, second), (second, first), (first, second)):  # and a rollback
        live.take(taken)
        text = metrics.page()[0].decode()
        assert len(told(text, taken.number)) == 5
        assert told(text, other.number) == set()
    assert 'serve_rows_total{version="new"}' in text
    assert bins(text.replace('"new"', '"watched"'), "bin_rows_total", "width")


def test_the_limits_are_those_of_params_yaml(shared_project: Path) -> None:
    made, file = version(LogisticRegression()), load_params()
    watched = columns(made.known, describe(made.predict(table())))
    rules = file.drift.model_copy(update={"psi_alert": 0.4, "missing": None, "ignore": ["height"]})
    slo = file.slo.model_copy(update={"p99_ms": 80.0, "errors": 0.02})
    live = Live(Settings("things", "@champion"), file.data, limits=Limits(rules, slo))
    live.take(replace(made, number="limited", watched=watched))
    text = metrics.page()[0].decode()
    lines = re.findall(r'^serve_drift_limit\{(.*),version="limited"\} (.*)$', text, re.M)
    limits = {tuple(re.findall(r'"([^"]*)"', labels)): float(limit) for labels, limit in lines}
    assert limits["width", "feature", "psi"] == limits["predicted", "prediction", "psi"] == 0.4
    assert limits["colour", "feature", "new_categories"] == file.drift.new_categories
    assert {measure for *_, measure in limits} == {"psi", "new_categories"}
    assert "height" not in {column for column, *_ in limits}
    assert 'serve_objective{objective="p99_seconds"} 0.08' in text
    assert 'serve_objective{objective="errors"} 0.02' in text


def test_dates_are_not_counted_and_a_version_may_know_less(shared_project: Path) -> None:
    made = version(LogisticRegression())
    width, height, *_ = made.known["inputs"]
    unknown = {key: value for key, value in height.items() if key != "reference"}
    assert columns({**made.known, "inputs": [{**width, "role": "date"}, unknown]}, {}) == ()


def test_a_token_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    monkeypatch.setenv("SERVE_TOKEN", "")
    monkeypatch.setenv("SERVE_TOKEN_FILE", str(file))
    settings._in_file.cache_clear()
    with pytest.raises(UserError, match=r"SERVE_TOKEN_FILE: .*token: cannot be read"):
        token()
    file.write_text("\n")
    with pytest.raises(UserError, match="token: is empty: write the token there"):
        token()
    file.write_text("secret\n")
    assert token() == "secret"
    monkeypatch.setenv("SERVE_TOKEN", "another")
    assert token() == "another"
    settings._in_file.cache_clear()
