"""Requests that the server keeps: what is written, when, and what never is."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.scoring.logged import Description, files_in
from penguins.engine.serving import kept as kept_module
from penguins.engine.serving import recorder as recorder_module
from penguins.engine.serving.app import create
from penguins.engine.serving.kept import check_private, prepare
from penguins.engine.serving.live import Live
from penguins.engine.serving.recorder import Recorder
from penguins.engine.serving.settings import Settings
from starlette.testclient import TestClient

from tests.engine.test_serving import DATA, ROW, version

FEW = {"width": 2.5, "colour": "blue"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path / "requests", 1.0)
    return tmp_path / "requests"


@pytest.fixture
def live(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.delenv("SERVE_TOKEN", raising=False)
    answering = Live(Settings("things", "1", max_rows=3, requests=str(folder), private=["colour"]), DATA)
    answering.version = version()
    return answering


def all_rows(folder: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in files_in(folder)], ignore_index=True)


def test_rows_and_predictions_are_kept_and_private_columns_are_not(live: Live, folder: Path) -> None:
    with TestClient(create(live)) as client:
        client.post("/predict", json=ROW, headers={"x-request-id": "mine"})
        several = client.post("/invocations", json={"dataframe_records": [FEW, ROW]})
        refused = client.post("/predict", json={"width": "six", "colour": "red"})
        live.version = version("2")
        client.post("/predict", json=FEW, headers={"x-request-id": "of-2"})
    assert (several.status_code, refused.status_code) == (200, 422)

    first, second = files_in(folder)
    assert Description.of(first) == Description("things", "1", ("colour",))
    assert (Description.of(second) or Description("", "")).version == "2"
    rows = all_rows(folder)
    id = several.headers["x-request-id"]
    assert rows["request_id"].tolist() == ["mine", id, id, "of-2"]
    assert rows["request_row"].tolist() == [0, 0, 1, 0]
    assert rows["model_version"].tolist() == ["1", "1", "1", "2"]
    assert str(rows["request_time"].dtype).endswith(", UTC]")
    assert (pd.Timestamp.now(tz="UTC") - rows["request_time"]).max() < pd.Timedelta(minutes=5)
    assert rows["width"].tolist() == [6.0, 2.5, 6.0, 2.5]
    assert rows["height"].isna().tolist() == [False, True, False, True]
    assert rows["predicted"].tolist() == ["large", "small", "large", "small"]
    assert rows["probability_large"].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert "colour" not in rows
    assert not any(b"blue" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert (folder / ".gitignore").read_text() == "*\n"


def keep(recorder: Recorder, id: str, count: int = 1) -> None:
    rows = pd.DataFrame({"width": [1.0] * count})
    recorder.keep(id, "1", lambda: (rows, pd.DataFrame({"predicted": ["small"] * count})))


def test_a_column_with_a_name_of_the_log_is_left_out(folder: Path) -> None:
    recorder = Recorder(folder, "things")
    rows = pd.DataFrame({"predicted": [1.0], "request_id": ["x"], "probability_": [1.0], "width": [1.0]})
    recorder.keep("a", "1", lambda: (rows, pd.DataFrame({"predicted": ["small"]})))
    recorder.write()
    (path,) = files_in(folder)
    assert (Description.of(path) or Description("", "")).left_out == (
        "predicted",
        "request_id",
        "probability_",
    )
    assert pd.read_parquet(path)[["request_id", "predicted", "width"]].to_numpy().tolist() == [
        ["a", "small", 1]
    ]


def test_a_sample_is_kept(folder: Path) -> None:
    recorder, made = Recorder(folder, "things", sample=0.2), []
    frames = pd.DataFrame({"width": [1.0]}), pd.DataFrame({"predicted": ["small"]})
    for number in range(2000):
        recorder.keep(str(number), "1", lambda: made.append(1) or frames)  # type: ignore[func-returns-value]
    recorder.write()
    assert len(made) == len(all_rows(folder)), "a frame is made for a request that is not kept"
    assert 300 < len(all_rows(folder)) < 500
    recorder.write()  # nothing waits: no empty file
    assert len(files_in(folder)) == 1


def test_many_rows_are_written_at_once_and_the_rest_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "ROWS", 5)
    written = threading.Event()
    save = recorder_module.save

    def save_and_say(*of: Any) -> None:
        save(*of)
        written.set()

    monkeypatch.setattr(recorder_module, "save", save_and_say)
    recorder = Recorder(folder, "things")
    recorder.start()
    keep(recorder, "a", 6)
    assert written.wait(60)
    keep(recorder, "b")
    recorder.close()
    assert all_rows(folder)["request_id"].tolist() == ["a"] * 6 + ["b"]


def test_nothing_is_half_written_and_a_full_disk_loses_nothing_at_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recorder_module, "MOST", 3)
    real, full = os.fsync, [True]

    def fsync(file: int) -> None:
        if full[0]:
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(kept_module.os, "fsync", fsync)
    recorder = Recorder(folder, "things")
    keep(recorder, "a", 2)
    recorder.write()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [".gitignore"]
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["rows"]) == ("requests_not_written", 2)
    keep(recorder, "b")
    keep(recorder, "c")  # one too many
    full[0] = False
    recorder.write()
    assert all_rows(folder)["request_id"].tolist() == ["a", "a", "b"]


def test_rows_that_cannot_be_written_at_all_are_not_tried_for_ever(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Recorder(folder, "things")
    rows = pd.DataFrame({"colour": pd.Series([1, "a name of somebody"], dtype="object")})
    recorder.keep("a", "1", lambda: (rows, pd.DataFrame({"predicted": ["small"] * 2})))
    recorder.write()
    recorder.write()
    (line,) = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert line["event"] == "requests_lost"
    assert "somebody" not in str(line)


def test_what_a_killed_worker_left_is_cleaned_later(folder: Path) -> None:
    old, new = (folder / "2026-01-01" / name for name in ("a.parquet.part", "b.parquet.part"))
    old.parent.mkdir()
    for path in (old, new):
        path.write_bytes(b"PAR1 half")
    os.utime(old, (0, 0))
    recorder = Recorder(folder, "things")
    recorder.start()
    recorder.close()
    assert (old.exists(), new.exists()) == (False, True)
    with pytest.raises(UserError, match=r"has no requests"):
        files_in(folder)  # half a file is none


@pytest.mark.parametrize(("sample", "says"), [(0.0, "above 0 and at most 1; got 0"), (1.5, "got 1.5")])
def test_a_share_is_one(tmp_path: Path, sample: float, says: str) -> None:
    with pytest.raises(UserError, match=says):
        prepare(tmp_path, sample)
    with pytest.raises(UserError, match="give that option, too"):
        prepare(None, sample)


def test_a_folder_that_is_none_and_a_private_column_that_is_none_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file: requests cannot be written there: "):
        prepare(tmp_path / "file", 1.0)

    check_private(["old", "width"], ["width", "colour", "old"])
    with pytest.raises(UserError, match=r"^params.yaml: serve.private: there is no column 'widht'; .*width"):
        check_private(["widht"], ["width", "colour"])
