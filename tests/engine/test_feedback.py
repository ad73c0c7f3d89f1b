"""The command `feedback`: answers of a server beside targets that became known later."""

import json
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands import feedback
from penguins.engine.scoring.logged import files_in
from penguins.engine.serving import feedback as feedback_module
from penguins.engine.tracking import cleanup, store

from tests.engine.conftest import TARGET, make_table
from tests.engine.test_drift_command import requests
from tests.engine.test_serving import DATA


@pytest.fixture
def kept(finished: Path, tmp_path: Path) -> Path:
    """All rows of the table, asked for in three requests of version 1."""
    requests(tmp_path / "requests", make_table())
    return tmp_path


def run(labels: Path, *options: str) -> None:
    parser = ArgumentParser()
    feedback.add_arguments(parser)
    feedback.main(parser.parse_args([str(labels), "--requests", str(labels.parent / "requests"), *options]))


def answered(folder: Path) -> pd.DataFrame:
    """Return the id and place of each row that was kept, with its target."""
    rows = pd.concat([pd.read_parquet(path) for path in files_in(folder / "requests")], ignore_index=True)
    rows = rows.sort_values("request_id", key=lambda ids: ids.str[1:].astype(int), kind="stable")  # r0, r50
    return rows[["request_id", "request_row", "predicted"]].assign(
        **{TARGET: make_table()[TARGET].to_numpy()}
    )


def logged() -> list[Any]:
    found = mlflow.search_runs(experiment_names=[store.data_experiment_name()], output_format="list")
    return [run for run in found if "feedback.version" in run.data.tags]


def test_the_live_score_stands_beside_that_of_the_test_rows_and_is_a_run(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = answered(kept)
    known = table.iloc[10:].assign(other=1).astype({TARGET: "object"})
    known.loc[known.index[:4], TARGET] = None
    late = pd.DataFrame({"request_id": ["of others"], "request_row": [0], TARGET: ["small"]})
    pd.concat([known, late]).to_csv(kept / "labels.csv", index=False)
    run(kept / "labels.csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "feedback: things version 1"
    right = (table["predicted"] == table[TARGET])[14:]
    assert len(right) == 106
    tested = store.connect().get_run(store.connect().get_model_version("things", "1").run_id).data.metrics
    accuracy = next(line.split() for line in lines if line.startswith("  accuracy"))
    assert accuracy[1:] == [f"{right.mean():.4g}", f"{tested['accuracy']:.4g}"]
    assert accuracy[1] != accuracy[2]
    assert any(line.startswith("  rows: 106, 2") for line in lines)
    assert lines[-3:] == ["left out", "  rows without a target yet: 4", "  requests that were not kept: 1"]

    (made,) = logged()
    assert made.info.status == "FINISHED"
    assert made.data.metrics["live/accuracy"] == pytest.approx(right.mean())
    assert made.data.metrics["test/accuracy"] == tested["accuracy"]
    assert {"live/f1_macro", "live/roc_auc", "test/f1_macro"} <= made.data.metrics.keys()
    assert made.data.metrics["rows"] == 106
    assert made.data.tags["feedback.version"] == "things version 1"
    assert made.inputs.dataset_inputs[0].dataset.name == "labels"
    subprocess.run(["git", "init", "--quiet"], check=True)
    assert made.info.run_id not in {
        run.info.run_id for run in cleanup.find_unneeded(store.connect(), 1e12).runs
    }


def test_each_version_that_has_answered_is_scored_apart(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = store.connect()
    first = client.get_model_version("things", "1")
    client.create_model_version("things", first.source, first.run_id)
    labels = answered(kept)[:50]
    for version in ("2", "9"):  # 9 is gone
        requests(kept / "requests", make_table()[:50], version=version)
        labels = pd.concat([labels, labels[:50].assign(request_id=f"v{version}-0")])
    requests(kept / "requests", make_table()[100:], version="2")  # v2-0 again
    labels = pd.concat([labels, labels[100:].assign(request_id="r100")[:20]])
    labels.drop(columns="predicted").to_parquet(kept / "labels.parquet")
    run(kept / "labels.parquet", "--json")
    client.delete_model_version("things", "2")
    result = json.loads(capsys.readouterr().out)
    assert [(one["version"], one["rows"]) for one in result["versions"]] == [("1", 70), ("2", 30)]
    assert result["left_out"] == {
        "rows whose request id several requests had": 40,
        "rows of version 9, which is no longer registered": 50,
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop(columns="request_id"), "lacks the column 'request_id'"),
        (lambda t: t.drop(columns=TARGET), f"lacks the column '{TARGET}'"),
        (
            lambda t: t.drop(columns="request_row"),
            r"no column 'request_row', and request r\d+ had several rows",
        ),
        (
            lambda t: pd.concat([t, t[:1].assign(**{TARGET: "odd"})]),
            "request r0 has two targets for its row 0",
        ),
        (
            lambda t: t.assign(request_id="x", request_row=range(len(t))),
            "no row is the target of a request in .*; 1 requests that were not",
        ),
        (lambda t: t[:0], "has no rows"),
    ],
)
def test_a_mistake_is_one_line(kept: Path, change: Any, says: str) -> None:
    change(answered(kept)).to_csv(kept / "labels.csv", index=False)
    with pytest.raises(UserError, match=says) as caught:
        run(kept / "labels.csv")
    assert "\n" not in str(caught.value)


def test_a_number_is_read_as_in_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands for a missing one, or divides it, in the table of today."""
    monkeypatch.setattr(feedback_module, "measure", lambda rows: {"sum": float(rows["actual"].sum())})
    (tmp_path / "labels.csv").write_text('request_id,weight\na,"1,5"\nb,none\nc,2\n', encoding="utf-8")
    cells: dict[str, Any] = {
        "missing": ["none"],
        "missing_in": {},
        "date_formats": {},
        "decimal": ",",
        "thousands": None,
    }
    known = {"inputs": [], "target": {"name": "weight", "role": "target", "missing": 0}, "cells": cells}
    data = DATA.model_copy(update={"task": "regression", "target": "weight", "path": Path("x.csv")})
    times = pd.to_datetime(["2026-11-01", "2026-11-02", "2026-11-03"], utc=True)
    answers = pd.DataFrame(
        {"request_id": list("abc"), "request_row": 0, "request_time": times, "twice": False}
    )
    described: Any = SimpleNamespace(known=known, version=SimpleNamespace(version="7"))
    labels = feedback_module.Labels(tmp_path / "labels.csv", SimpleNamespace(data=data))
    live = labels.scored(answers.assign(predicted=1.0), described)
    assert live == feedback_module.Live("7", 2, {"sum": 3.5}, "2026-11-01 00:00", "2026-11-03 00:00")
    assert labels.notes == {"rows without a target yet": 1}
