"""The command `drift`, on the model of a pipeline that has run once."""

import json
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.commands import drift
from penguins.engine.drift.predictions import describe
from penguins.engine.judging.prediction import read_predictions
from penguins.engine.registry import past
from penguins.engine.registry.predictor import Predictor
from penguins.engine.scoring.cells import typed
from penguins.engine.scoring.expected import Expected
from penguins.engine.scoring.records import frame
from penguins.engine.serving.recorder import Recorder
from penguins.engine.tracking import cleanup, store
from penguins.engine.tracking.columns import known_of
from penguins.engine.tracking.predicted import predicted_by
from penguins.params import load_params

from tests.engine.conftest import TARGET, make_table
from tests.engine.tasks import REGRESSION
from tests.support.running import replace_in

MODEL = "models:/things/1"


@pytest.fixture
def champion(finished: Path) -> Path:
    store.connect().set_registered_model_alias("things", "champion", "1")
    return finished


def run(*arguments: object, command: Any = drift) -> int:
    """Run the command; return its exit code."""
    parser = ArgumentParser()
    command.add_arguments(parser)
    try:
        command.main(parser.parse_args([*map(str, arguments)]))
    except SystemExit as error:
        return int(str(error.code))
    return 0


def shifted() -> pd.DataFrame:
    """Make rows of which each measure finds something."""
    table = make_table(400)
    table["width"] = table["width"] + 2
    table.loc[::3, "note"] = None
    table.loc[::5, "colour"] = "pink"
    return table


def test_the_training_rows_themselves_have_not_drifted(
    champion: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_table().to_parquet("same.parquet", index=False)
    assert run("same.parquet") == 0
    out = capsys.readouterr().out
    assert out.startswith("drift: no drift\n")
    assert out.rstrip().endswith("(while `python -m penguins ui` runs)")  # the link answers to nobody else
    for reference in ("@challenger", "1", "same.parquet"):
        assert run("same.parquet", "--reference", reference, "--json") == 0
    result = json.loads(capsys.readouterr().out.split("\n}\n")[-2] + "}")
    assert {column["psi"] for column in result["columns"]} == {0.0}


def test_drift_is_seen_logged_and_an_exit_code(champion: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shifted().to_csv("new.csv", index=False)
    assert run("new.csv") == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "drift: 3 of 7 columns drifted"
    assert lines[2].split() == ["width", "1.196", "5.62", "->", "5.5", "drift:", "PSI"]
    assert lines[3].endswith("drift: PSI, new")
    assert lines[4].endswith("drift: missing")
    assert max(len(line) for line in lines[:9]) <= 80
    assert "  columns that the model does not take: code, unused" in lines

    logged = mlflow.search_runs(experiment_names=[store.data_experiment_name()], output_format="list")[0]
    assert lines[-2].endswith(f"/runs/{logged.info.run_id}")
    assert logged.info.status == "FINISHED"
    assert logged.data.tags["drift.verdict"] == "drift"
    assert logged.data.tags["drift.reference"] == "things version 1"
    assert logged.data.metrics["psi/width"] == pytest.approx(1.196, abs=0.001)
    assert logged.data.metrics["missing/note"] == pytest.approx(0.365)
    assert logged.data.metrics["new_categories/colour"] == pytest.approx(80 / 381)
    assert {"psi/prediction/predicted", f"psi/target/{TARGET}"} <= logged.data.metrics.keys()
    assert (logged.data.metrics["rows"], logged.data.metrics["drifted"]) == (400, 3)
    (data,) = logged.inputs.dataset_inputs
    assert data.dataset.name == "new"
    uri = f"{logged.info.artifact_uri}/"
    assert mlflow.artifacts.load_dict(f"{uri}drift.json")["verdict"] == "drift"
    # what stands in cells stays here, unless params.yaml says otherwise
    assert "pink" in paths.DRIFT.read_text(encoding="utf-8")
    assert "pink" not in mlflow.artifacts.load_text(f"{uri}drift.html")
    assert "pink" not in mlflow.artifacts.load_text(f"{uri}drift.json")


def test_a_version_keeps_the_runs_that_looked_at_it(champion: Path) -> None:
    make_table().to_parquet("same.parquet", index=False)
    run("same.parquet")
    run("same.parquet", "--reference", "same.parquet", "--model", "1", "--output", "other.html")
    assert Path("other.html").is_file()
    subprocess.run(["git", "init", "--quiet"], check=True)
    client = store.connect()
    kept = mlflow.search_runs(experiment_names=[store.data_experiment_name()], output_format="list")
    looks = [one.info.run_id for one in kept if "drift.verdict" in one.data.tags]
    client.set_tag(looks[0], "drift.model", "")
    unneeded = {one.info.run_id for one in cleanup.find_unneeded(client, 1e12).runs}
    assert unneeded & set(looks) == {looks[0]}


def test_what_the_model_is_asked_about_is_kept_with_it(champion: Path) -> None:
    known = known_of(MODEL)
    assert all("reference" in column for column in [*known["inputs"], known["target"]])
    assert sum(known["target"]["reference"]["counts"]) == known["rows"]
    predictions = read_predictions(paths.PREDICTIONS, "classification")
    assert predicted_by(MODEL) == describe(predictions)
    assert predicted_by(MODEL)["columns"]["predicted"]["values"] == ["large", "small"]
    logged = store.connect().get_model_version("things", "1").source
    folder = Path(mlflow.artifacts.download_artifacts(logged)) / "extra_files"
    assert {file.name for file in folder.iterdir()} == {"columns.json", "predictions.json"}
    (folder / "predictions.json").rename(folder / "away")
    assert predicted_by(MODEL) == {}  # as of a model that has not been evaluated
    (folder / "away").rename(folder / "predictions.json")


def test_a_store_without_the_model_gets_its_predictions_too(
    champion: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = predicted_by(MODEL)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere/mlflow.db")
    stage.run("register")
    again = predicted_by(MODEL)
    assert before["columns"]["predicted"] == again["columns"]["predicted"]
    assert again["columns"]["probability_small"]["edges"] == pytest.approx(
        before["columns"]["probability_small"]["edges"]
    )


def test_a_file_without_targets_or_that_is_odd(champion: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = make_table().drop(columns=[TARGET, "code", "unused"])
    table["height"] = height = table["height"].astype(str).str.replace(r"[1-4]", "few", regex=True)
    table.to_csv("odd.csv", index=False)
    assert run("odd.csv") == 3
    out = capsys.readouterr().out
    assert "target" not in out
    odd = int(height.eq("few").sum())
    assert odd > 30
    assert f"cells that cannot be read: height {odd}; they count as missing" in out
    assert "drift: PSI, missing" in out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("nowhere.csv",), r"^nowhere.csv: no such file$"),
        (("narrow.csv",), r"^narrow.csv: lacks columns that the model takes: colour, note; it has "),
        (("empty.csv",), r"^empty.csv: has no rows$"),
        (("params.yaml",), r"^params.yaml: cannot be read as a table: "),
        (("same.csv", "--reference", "9"), r"^9: no version of 'things' has this number or alias"),
        (("same.csv", "--reference", "nowhere.csv"), r"^nowhere.csv: no such file"),
        (("same.csv", "--model", "@canary"), r"^@canary: no version"),
    ],
)
def test_a_mistake_is_one_line(champion: Path, given: tuple[str, ...], message: str) -> None:
    table = make_table()
    table.to_csv("same.csv", index=False)
    table[["width", "height", TARGET]].to_csv("narrow.csv", index=False)
    table[:0].to_csv("empty.csv", index=False)
    with pytest.raises(UserError, match=message) as caught:
        run(*given)
    assert "\n" not in str(caught.value)


def test_roles_of_a_file_are_those_of_params_or_of_a_sample(
    champion: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a file may hold numbers alone in a column that has words in another."""
    table = make_table(2000).assign(unit=["7"] * 1500 + ["a", "b"] * 250)
    table.to_csv("new.csv", index=False)
    listed = {"width": "numeric", "height": "numeric", "colour": "categorical", "note": "text"}
    replace_in(paths.PARAMS, "drop: [unused]", "drop: [unused, unit]")
    monkeypatch.setattr(past, "_some_rows", None)
    assert past._declared(Path("new.csv"), load_params()) == listed
    monkeypatch.undo()
    monkeypatch.setattr("penguins.engine.table.parts.BYTES", 2**12)
    monkeypatch.setattr("penguins.engine.drift.sample.SAMPLE", 500)
    replace_in(paths.PARAMS, "drop: [unused, unit]", "drop: [unused]")
    replace_in(paths.PARAMS, "numeric: [width, height]", "numeric: [width]")
    assert past._declared(Path("new.csv"), load_params()) == {**listed, "unit": "categorical"}


def test_without_a_champion_or_its_bins_a_line_says_what_to_do(
    champion: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_table().to_csv("same.csv", index=False)
    client = store.connect()
    client.delete_registered_model_alias("things", "champion")
    with pytest.raises(UserError, match=r"^@champion: no version .* there are: 1 @challenger$"):
        run("same.csv")
    assert run("same.csv", "--reference", "same.csv") == 0
    assert "predictions: there is no model" in capsys.readouterr().out
    known = known_of(MODEL)
    for column in [*known["inputs"], known["target"]]:
        del column["reference"]
    monkeypatch.setattr("penguins.engine.registry.predictor.known_of", lambda _: known)
    with pytest.raises(
        UserError, match=r"^things version 1 does not say how its columns are distributed: .*--reference\)$"
    ):
        run("same.csv", "--reference", "1")
    assert run("same.csv", "--reference", "same.csv", "--model", "1") == 0  # as the line says
    monkeypatch.setattr("penguins.engine.registry.predictor.known_of", lambda _: {})
    with pytest.raises(
        UserError, match=r"^things version 1 does not say which columns it takes: train a new"
    ):
        run("same.csv", "--reference", "1")


def test_a_regression_is_looked_at_in_the_same_way(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    REGRESSION.set_up(project)
    for name in ("validate", "train", "evaluate", "register"):
        REGRESSION.module("engine.stage").run(name)
    table = REGRESSION.table()
    table.assign(width=table["width"] + 4, weight=table["weight"] + 40).to_csv("new.csv", index=False)
    capsys.readouterr()
    command = REGRESSION.module("engine.commands.drift")
    assert run("new.csv", "--reference", "@challenger", command=command) == 3
    lines = capsys.readouterr().out.splitlines()
    drifted = {line.split("  ")[1] for line in lines if "drift: PSI" in line}
    assert {"width", "target: weight"} <= drifted
    assert any(line.startswith("  prediction ") for line in lines)


def requests(folder: Path, table: pd.DataFrame, version: str = "1", private: tuple[str, ...] = ()) -> None:
    """Keep rows as the server does: as the model got them, with what it predicted."""
    predictor = Predictor.find(store.connect(), "things", "1")
    expected = Expected.of(predictor.known, load_params().data)
    records = table.drop(columns=[TARGET, "code", "unused"]).astype("object")
    rows = typed(frame(records.where(records.notna(), None).to_dict("records"), expected), expected)
    recorder = Recorder(folder, "things", private=private)
    for start in range(0, len(rows), 50):
        part = rows.iloc[start : start + 50].reset_index(drop=True)
        id = f"r{start}" if version == "1" else f"v{version}-{start}"
        recorder.keep(id, version, lambda part=part: (part, predictor.predict(part)))
        recorder.write()


def test_requests_that_were_kept_are_as_their_rows_in_a_file(
    champion: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = shifted()
    table.drop(columns=TARGET).to_csv("new.csv", index=False)
    requests(Path("requests"), table)
    shown = []
    for path in ("new.csv", "requests"):
        assert run(path, "--json") == 3
        shown.append(json.loads(capsys.readouterr().out)["columns"])
    assert shown[0] == shown[1]
    assert len(shown[1]) == 6
    logged = mlflow.search_runs(experiment_names=[store.data_experiment_name()], output_format="list")[0]
    assert logged.inputs.dataset_inputs[0].dataset.name == "requests"
    with pytest.raises(UserError, match=r"^requests: is a folder; compare with a version or a file$"):
        run("new.csv", "--reference", "requests")


def test_requests_without_a_private_column_are_compared_by_the_others(
    champion: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests(Path("kept"), make_table(), private=("note", "width"))
    requests(Path("kept"), make_table(), version="2", private=("note",))
    assert run("kept", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    rows = {column["name"]: sum(column["new_counts"]) for column in result["columns"]}
    assert rows == {"height": 240, "width": 113, "colour": 224, "predicted": 120, "probability_small": 120}
    assert result["notes"] == {
        "columns that requests were kept without": "width, note",
        "predictions": "not compared for 120 rows of other versions, which lack a column",
    }
    (Path("kept") / "other.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"^kept/other.parquet: cannot be read as a table: "):
        run("kept")
    Path("none").mkdir()
    with pytest.raises(UserError, match=r"^none: has no requests "):
        run("none")


def test_cells_are_read_as_they_were_in_training(champion: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever params.yaml says since; what is in other columns does not matter."""
    replace_in(paths.PARAMS, "  columns:\n", "  missing: [red]\n  format: {thousands: ','}\n  columns:\n")
    table = make_table()
    table["unused"] = [[1, 2]] * len(table)
    table.to_parquet("lists.parquet")
    assert run("lists.parquet") == 0
    assert "colour              0.000  6.74 -> 6.67" in capsys.readouterr().out


def test_what_is_ignored_or_moves_on_is_shown_and_decides_nothing(
    champion: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_in(paths.PARAMS, "register:\n", "drift: {ignore: [width, colour, note]}\nregister:\n")
    shifted().to_csv("new.csv", index=False)
    assert load_params().drift.psi_alert == 0.25
    assert run("new.csv") == 0
    out = capsys.readouterr().out
    assert "(drift: PSI, new)" in out
    assert out.splitlines()[0].startswith("drift: no drift")


def test_predictions_for_rows_that_the_model_has_learned_are_not_compared(
    champion: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that is sure of these rows would seem to have drifted since the test."""
    assert run("data/raw/table.csv") == 0
    out = capsys.readouterr().out
    assert "predictions: not compared: the model has learned from rows of this table" in out
    assert "probability" not in out
    make_table().to_csv("copy.csv", index=False)
    for reference in ("@champion", "data/raw/table.csv"):
        run("copy.csv", "--reference", reference, "--json")
        printed = json.loads(capsys.readouterr().out)
        (made,) = [c for c in printed["columns"] if c["name"] == "probability_small"]
        assert sum(made["counts"]) == 31  # the test rows
