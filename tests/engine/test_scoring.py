"""The command `predict`: rows are read as in training, checked, and predicted part by part."""

import csv
import gzip
import json
from argparse import ArgumentParser
from errno import ENOENT
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands import predict
from penguins.engine.params import Columns, Data, Format
from penguins.engine.registry.predictor import Predictor
from penguins.engine.scoring.batch import Batch
from penguins.engine.scoring.checking import check
from penguins.engine.scoring.expected import Expected
from penguins.engine.scoring.reading import read
from penguins.engine.scoring.records import score
from penguins.engine.scoring.writing import Writer
from penguins.engine.table import parts
from penguins.engine.table.cells import as_text
from penguins.engine.table.files import read_file
from penguins.engine.table.parts import as_frame, read_tables
from penguins.engine.table.spelling import Spelling
from penguins.engine.table.types import to_types
from penguins.engine.tracking import store
from penguins.engine.tracking.columns import Known
from penguins.params import load_params
from pyarrow import parquet  # type: ignore[import-untyped]
from sklearn.dummy import DummyRegressor

from tests.engine.conftest import TARGET, make_table

FEATURES = ["width", "height", "colour", "note"]
WRITTEN = """\
Gewicht;Sorte;Tag;Bemerkung;Nr;Ziel
1.234,5 kg;01;31.12.2023;gut;007;1
-;1;01.01.2024;"a;b";008;2
2,5;k. A.;2024-02-03;-;009;3
"""


def data_of(path: Path, **others: Any) -> Data:
    """Describe such a file as params.yaml would."""
    return Data(
        task="regression",
        path=path,
        target="Ziel",
        format=Format(separator=";", decimal=",", thousands="."),
        missing=["-"],
        missing_in={"Sorte": ["k. A."]},
        columns=Columns(
            numeric=["Gewicht"], categorical=["Sorte"], date=["Tag"], text=["Bemerkung"], id=["Nr"]
        ),
        units={"Gewicht": "kg"},
        date_formats={"Tag": "%d.%m.%Y"},
        **others,
    )


@pytest.fixture
def learned(project: Path) -> tuple[Data, pd.DataFrame, dict[str, Any]]:
    """How the file was read in training, and what a model knows of it."""
    path = project / "written.csv"
    path.write_text(WRITTEN, encoding="utf-8")
    data = data_of(path)
    read, _ = read_file(data)
    table = to_types(read, data)
    model = DummyRegressor().fit(table, table["Ziel"])
    return data, table, Known.of(table, table["Ziel"].to_numpy(), model, data, data.columns).to_dict()


def test_cells_are_read_as_in_training_whatever_params_yaml_says_now(
    learned: tuple[Data, pd.DataFrame, dict[str, Any]],
) -> None:
    data, table, known = learned
    today = Data(task="regression", path=data.path, target="other", format=Format(separator=";"))
    expected = Expected.of(json.loads(json.dumps(known)), today)
    names = [*expected.roles]
    assert names == data.columns.features
    [raw] = read_tables(expected.reading(data.path, ["Nr", "Ziel"]))
    frame = as_frame(raw.select(names), expected.reading(data.path, []))
    checked = check(frame, expected)
    pd.testing.assert_frame_equal(checked.table, table[names], check_like=False)
    assert checked.right.all()
    assert table["Gewicht"].tolist()[::2] == [1234.5, 2.5]
    assert table["Sorte"].tolist()[:2] == ["01", "1"]


def test_a_model_that_does_not_say_how_cells_are_written_is_asked_of_params_yaml(
    learned: tuple[Data, pd.DataFrame, dict[str, Any]],
) -> None:
    data, _, known = learned
    del known["cells"]
    assert Expected.of(known, data).data.missing == ["-"]


def test_each_mistake_has_its_column_and_what_is_wanted(
    learned: tuple[Data, pd.DataFrame, dict[str, Any]],
) -> None:
    data, _, known = learned
    raw = pd.DataFrame(
        {
            "Gewicht": ["1,5 kg", "1,5 t", "1e999", None, "2"],
            "Sorte": ["1", "1", "2", "1", None],
            "Tag": ["2024-01-01", "31.02.2024", "2024-01-01", "2024-01-01", None],
            "Bemerkung": ["x"] * 5,
        }
    )
    checked = check(raw, expected := Expected.of(known, data))
    assert checked.right.tolist() == [True, False, False, True, False]
    assert checked.reasons(raw).tolist() == [
        "Gewicht '1,5 t' is not a number in kg; Tag '31.02.2024' is not a date (wanted: %d.%m.%Y)",
        "Gewicht '1e999' is not a number in kg",
        "Tag is missing, and no training row lacked it",
    ]
    assert checked.unseen == {"Sorte": 1}
    assert check(raw, expected, allow_missing=True).right.tolist() == [True, False, False, True, True]


WHEN = "%d.%m.%Y"


@pytest.mark.parametrize("kind", [".csv", ".parquet"])
@pytest.mark.parametrize(
    ("role", "cells", "written"),
    [
        ("numeric", ["1.234,5", "2,5", "3", "1.234", None], {"decimal": ",", "thousands": "."}),
        ("numeric", ["1 234.5", "12 kg", "kg 3", "0.5kg", "7"], {"thousands": " ", "units": {"x": "kg"}}),
        ("numeric", ["-5 %", "9.5", " 4 ", ".5", "1e5"], {"units": {"x": "%"}}),
        (
            "numeric",
            ["5", "-999", "NA", "9007199254740993"],
            {"missing": ["-999"], "missing_in": {"x": ["NA"]}},
        ),
        ("numeric", [5.0, -999.0, None], {"missing": ["-999"]}),
        ("categorical", ["1", "1.0", "2", "1.00"], {}),
        ("categorical", ["1.0", "2.0", None], {}),
        ("categorical", ["1.0", "A1", "01", "1e0"], {}),
        ("categorical", ["true", "True", "TRUE"], {}),
        ("categorical", ["TRUE", "false"], {}),
        ("categorical", ["0", "1", "NA", "None", "nan"], {"missing": ["NA"]}),
        ("categorical", [1.0, 2.5, None], {}),
        ("categorical", [0, 1, None], {}),
        ("categorical", [True, False, None], {}),
        ("date", ["31.12.2023", "2024-01-01", None], {"date_formats": {"x": WHEN}}),
        ("date", ["2024-07-01T12:00+02:00", "2024-07-01", "2024/07/01"], {}),
        ("text", ["a, b", 'a "b"', "NA", "1.0", "1", "TRUE"], {}),
    ],
)
def test_a_row_by_itself_is_what_it_is_in_the_validated_table(
    project: Path, kind: str, role: str, cells: list[Any], written: dict[str, Any]
) -> None:
    """For each role, the value that the pipeline's first step makes of it."""
    table = pd.DataFrame({"x": cells, "Ziel": np.arange(len(cells)), "Nr": "a"})

    def write(rows: pd.DataFrame, name: str) -> Path:
        path = project / f"{name}{kind}"
        rows.to_csv(path, index=False) if kind == ".csv" else rows.to_parquet(path, index=False)
        return path

    form = Format(**{key: value for key, value in written.items() if key in ("decimal", "thousands")})
    cells_as = {key: value for key, value in written.items() if key not in ("decimal", "thousands")}
    columns = Columns(**{role: ["x"], "id": ["Nr"]})
    path = write(table, "all")
    data = Data(task="regression", path=path, target="Ziel", columns=columns, format=form, **cells_as)
    trained = to_types(read_file(data)[0], data)
    known = Known.of(trained, table["Ziel"].to_numpy(float), DummyRegressor().fit([[0]], [0]), data, columns)
    expected = Expected.of(known.to_dict(), Data(task="regression", path=path, target="other"))
    spelling = Spelling().fit(trained[["x"]]) if role == "categorical" else None

    def first_step(rows: pd.DataFrame) -> list[Any]:
        if spelling:
            return spelling.transform(rows[["x"]])["x"].tolist()
        return (as_text(rows[["x"]], "") if role == "text" else rows[["x"]].astype("object").fillna("gap"))[
            "x"
        ].tolist()

    alone = []
    for place in range(len(table)):
        for part, how in read(write(table[place : place + 1], "one"), expected):
            checked = check(as_frame(part.select(["x"]), how), expected)
            assert checked.right.all()
            alone += first_step(checked.table)
    assert alone == first_step(trained)
    with path.open(encoding="utf-8", errors="replace") as file:
        texts = [row["x"] for row in csv.DictReader(file)] if kind == ".csv" else []
    records = [{"x": None if pd.isna(cell) else cell} for cell in texts or cells]
    for some in ([records], [[record] for record in records]):
        scored = pd.concat([score(part, expected, lambda rows: rows).predictions for part in some])
        assert first_step(scored.reset_index(drop=True)) == first_step(trained)


def run(*arguments: object) -> None:
    parser = ArgumentParser()
    predict.add_arguments(parser)
    predict.main(parser.parse_args([*map(str, arguments), "--model", "1"]))


@pytest.fixture
def rows(finished: Path) -> pd.DataFrame:
    """Rows of a project whose pipeline has run, as CSV without the target."""
    for left in [
        path for pattern in ("out*", "new*", "once*", "twice*", "other*") for path in Path().glob(pattern)
    ]:
        left.unlink()
    table = make_table(300).drop(columns=TARGET)
    table.to_csv("new.csv", index=False)
    return table


@pytest.fixture
def said(rows: pd.DataFrame) -> pd.DataFrame:
    """What the model itself predicts for them."""
    model = Predictor.find(store.connect(), "things", "1")
    return model.predict(rows[FEATURES])


def test_a_file_is_predicted_in_parts(
    rows: pd.DataFrame,
    said: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(parts, "BYTES", 2000)
    assert len([*read_tables(load_params().data.model_copy(update={"path": Path("new.csv")}))]) > 3
    run("new.csv")
    assert "rows: 300 of 300 predicted" in " ".join(capsys.readouterr().out.split())
    lines, before = (Path(name).read_text("utf-8").splitlines() for name in ("new.predicted.csv", "new.csv"))
    assert [line.startswith(f"{old},") for line, old in zip(lines, before, strict=True)] == [True] * 301
    table = pd.read_csv("new.predicted.csv")
    assert table["predicted"].tolist() == said["predicted"].tolist()
    probabilities = [name for name in said.columns if name.startswith("probability_")]
    assert len(probabilities) == 2
    np.testing.assert_allclose(table[probabilities], said[probabilities], rtol=1e-12)
    identity = json.loads(Path("new.predicted.csv.json").read_text())
    assert (identity["model"], identity["version"], len(identity["run"])) == ("things", "1", 32)
    assert not list(Path().glob("*rejects*"))


@pytest.mark.parametrize("name", ["out.parquet", "out.csv.gz"])
def test_what_it_is_written_to(rows: pd.DataFrame, said: pd.DataFrame, name: str) -> None:
    rows.to_parquet("new.parquet", index=False)
    run("new.parquet", name, "--keep", "code")
    table = pd.read_parquet(name) if name.endswith("parquet") else pd.read_csv(name)
    assert [*table.columns] == ["code", *said.columns]
    assert table["predicted"].tolist() == said["predicted"].tolist()
    if name.endswith("parquet"):
        assert json.loads(parquet.read_schema(name).metadata[b"predicted_by"])["version"] == "1"


def damage(rows: pd.DataFrame) -> None:
    rows = rows.astype({"width": "object"})
    rows.loc[[3, 250], "width"] = ["wide", "2 m"]
    rows.to_csv("new.csv", index=False)


def test_rows_that_cannot_be_predicted_are_set_aside(
    rows: pd.DataFrame, said: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(rows)
    run("new.csv", "out.csv")
    assert "298 of 300 predicted" in (out := capsys.readouterr().out)
    assert "out.csv.rejects.csv" in out
    left = pd.read_csv("out.csv.rejects.csv", dtype="str", keep_default_na=False)
    assert left[["row", "reason", "width"]].values.tolist() == [
        ["5", "width 'wide' is not a number", "wide"],
        ["252", "width '2 m' is not a number", "2 m"],
    ]
    kept = [place for place in range(300) if place not in (3, 250)]
    assert pd.read_csv("out.csv")["predicted"].tolist() == said["predicted"][kept].tolist()
    rows.to_csv("new.csv", index=False)
    run("new.csv", "out.csv")
    assert not Path("out.csv.rejects.csv").exists()


def refused(*arguments: object) -> str:
    with pytest.raises(UserError) as error:
        run(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_strict_stops_and_leaves_what_was_there(rows: pd.DataFrame) -> None:
    damage(rows)
    Path("out.csv").write_text("before")
    said = refused("new.csv", "out.csv", "--strict")
    assert said == (
        "new.csv: row 5 cannot be predicted: width 'wide' is not a number; neither can 1 of the rows after it"
    )
    assert sorted(path.name for path in Path().glob("out*")) == ["out.csv"]
    assert Path("out.csv").read_text() == "before"


def test_no_row_can_be_predicted(rows: pd.DataFrame) -> None:
    rows.astype({"width": "object"}).assign(width="wide").to_csv("new.csv", index=False)
    assert refused("new.csv", "out.csv").startswith(
        "new.csv: no row of 300 can be predicted; out.csv.rejects.csv"
    )
    assert not Path("out.csv").exists()
    assert len(pd.read_csv("out.csv.rejects.csv")) == 300


def test_what_is_no_such_table_is_one_line(rows: pd.DataFrame) -> None:
    rows.drop(columns="width").rename(columns={"height": "heigth"}).to_csv("other.csv", index=False)
    assert refused("other.csv").startswith(
        "other.csv: lacks columns that the model takes: width, height; it has"
    )
    rows.rename(columns={"width": "widht"}).to_csv("other.csv", index=False)
    assert "lacks the column 'width', which the model takes; did you mean 'widht'?" in refused("other.csv")
    rows[:0].to_csv("none.csv", index=False)
    assert refused("none.csv") == "none.csv: has no rows"
    assert refused("gone.csv") == "gone.csv: no such file"
    Path("zipped.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert "compressed by gzip" in refused("zipped.csv")
    assert "the name has to end with" in refused("new.csv", "out.txt")
    assert "has no column 'nix' that can be kept" in refused("new.csv", "out.csv", "--keep", "nix")
    Path("none.csv").write_text(",".join(FEATURES))  # without the end of the line
    assert refused("none.csv").endswith("it has a header, but no rows")
    assert not list(Path().glob("*.part"))


def test_neither_input_nor_a_folder_is_written_over(rows: pd.DataFrame) -> None:
    for name, output in (
        ("new.csv", "./new.csv"),
        ("out.csv.rejects.csv", "out.csv"),
        ("out.csv.json", "out.csv"),
    ):
        rows.to_csv(name, index=False)
        assert refused(name, output).endswith("is INPUT, and would be overwritten; give OUTPUT another name")
        assert Path(name).exists()
    Path("out.csv").mkdir()
    Path("out.csv/mine").touch()
    assert refused("new.csv", "out.csv") == "out.csv: is a folder; give OUTPUT another name"
    assert Path("out.csv/mine").exists()
    rmtree("out.csv")


def test_what_cannot_be_written_is_not_the_fault_of_what_is_read(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Writer, table: object) -> None:
        raise FileNotFoundError(ENOENT, "it is gone")

    monkeypatch.setattr(Writer, "write", fail)
    with pytest.raises(FileNotFoundError) as error:
        run("new.csv", "out.csv")
    assert error.value.filename == "out.csv"
    assert not list(Path().glob("*.part"))


def test_the_reason_stands_beside_a_row_that_has_a_reason_already(rows: pd.DataFrame) -> None:
    damage(rows)
    run("new.csv", "out.csv")
    with Path("out.csv.rejects.csv").open("a") as file:
        file.write("9,mended," + rows[:1].to_csv(index=False, header=False))
    run("out.csv.rejects.csv", "once.csv", "--keep", "code", "code")
    left = pd.read_csv("once.csv.rejects.csv")
    assert [*left.columns] == ["row", "reason", *rows.columns]
    assert left["row"].tolist() == [2, 3]
    assert left["reason"][0] == "width 'wide' is not a number"
    assert pd.read_csv("once.csv").columns[0] == "code"


def test_a_column_of_lists_that_the_model_does_not_take_is_left_out(
    rows: pd.DataFrame, said: pd.DataFrame
) -> None:
    rows.assign(parts=pd.Series([[1, 2]] * len(rows))).to_parquet("new.parquet")
    run("new.parquet", "out.parquet")
    table = pd.read_parquet("out.parquet")
    assert table["predicted"].tolist() == said["predicted"].tolist()
    assert [*table.columns] == [*rows.columns, *said.columns]


def test_what_the_model_says_is_one_line(
    rows: pd.DataFrame, learned: tuple[Data, Any, dict[str, Any]]
) -> None:
    def fail(frame: pd.DataFrame) -> pd.DataFrame:
        raise ValueError("too warm\nand more")

    data, _, known = learned
    batch = Batch(data.path, Expected.of(known, data), fail)
    with pytest.raises(UserError, match=r"written.csv: rows 2 to 4: the model fails: too warm"):
        batch.write(Path("out.csv"), Path("rejects.csv"), {})


def test_predictions_are_predicted_again(rows: pd.DataFrame, said: pd.DataFrame) -> None:
    """Columns of the same name are replaced."""
    run("new.csv", "once.csv")
    run("once.csv", "twice.csv")
    assert Path("twice.csv").read_bytes() == Path("once.csv").read_bytes()


def test_a_run_stands_for_its_version_or_for_the_model_that_it_logged(
    rows: pd.DataFrame,
) -> None:
    client = store.connect()
    version = client.get_model_version("things", "1")
    found = Predictor.find(client, "things", run_id := version.run_id)
    assert (found.uri, found.identity["version"]) == ("models:/things/1", "1")
    found = Predictor.find(client, "others", run_id)
    assert (found.uri, found.identity["run"]) == (version.source, run_id)
    assert found.known["rows"] == Predictor.find(client, "things", "1").known["rows"]
    with pytest.raises(UserError, match="the tracking store has no such run"):
        Predictor.find(client, "things", "0" * 32)
    with pytest.raises(UserError, match="this run has logged no model"):
        Predictor.find(client, "things", client.create_run("0").info.run_id)


def test_without_a_champion_it_says_which_versions_there_are(rows: pd.DataFrame) -> None:
    parser = ArgumentParser()
    predict.add_arguments(parser)
    with pytest.raises(UserError, match=r"things has no @champion yet: .* there are: 1 @challenger"):
        predict.main(parser.parse_args(["new.csv"]))


def test_records_are_predicted_as_the_rows_of_a_file(rows: pd.DataFrame, said: pd.DataFrame) -> None:
    model = Predictor.find(store.connect(), "things", "1")
    expected = Expected.of(model.known, load_params().data)
    with Path("new.csv").open(encoding="utf-8") as file:
        texts = list(csv.DictReader(file))
    values = json.loads(rows.to_json(orient="records"))
    for records in (texts, values, [{**record, "other": [1]} for record in values]):
        pd.testing.assert_frame_equal(score(records, expected, model.predict).predictions, said)
    pd.testing.assert_frame_equal(
        score(values[7:8], expected, model.predict).predictions, said[7:8].set_axis([0])
    )


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Gewicht": "1,5 t"}, "Gewicht '1,5 t' is not a number in kg"),
        ({"Gewicht": True}, "Gewicht 'True' is not a number in kg"),
        ({"Gewicht": 10**400}, "Gewicht inf is not a number in kg"),
        ({"Gewicht": float("inf")}, "Gewicht inf is not a number in kg"),
        ({"Gewicht": [1]}, "Gewicht '[1]' is not a number in kg"),
        ({"Sorte": ["01"]}, "Sorte \"['01']\" is no single value"),
        ({"Bemerkung": {"a": 1}}, "Bemerkung \"{'a': 1}\" is no single value"),
        ({"Tag": None}, "Tag is missing, and no training row lacked it"),
        ({"Tag": 20240131}, "Tag '20240131' is not a date (wanted: %d.%m.%Y)"),
        ({"Tag": "-"}, "Tag is missing, and no training row lacked it"),
        ({"Gewicht": None, "Sorte": "k. A.", "Bemerkung": float("nan")}, ""),
        ({"Gewicht": "-", "Sorte": 1}, ""),
    ],
)
def test_a_record_that_cannot_be_predicted_says_why(
    learned: tuple[Data, pd.DataFrame, dict[str, Any]], cells: dict[str, Any], why: str
) -> None:
    data, _, known = learned
    good = {"Gewicht": 2.5, "Sorte": "01", "Tag": "31.01.2024", "Bemerkung": "gut"}
    scored = score([good, {**good, **cells}, good], Expected.of(known, data), lambda rows: rows)
    assert scored.rejected == ({1: why} if why else {})
    assert scored.predictions.index.tolist() == ([0, 2] if why else [0, 1, 2])


def test_what_are_no_records_is_one_line(learned: tuple[Data, pd.DataFrame, dict[str, Any]]) -> None:
    expected = Expected.of(learned[2], learned[0])
    good = {"Gewicht": 2.5, "Sorte": "neu", "Tag": "31.01.2024", "Bemerkung": "gut"}
    with pytest.raises(UserError, match=r"^records: record 1 is not an object, but '\[3\]'$"):
        score([good, [3]], expected, lambda rows: rows)
    with pytest.raises(UserError, match="lacks the column 'Tag', which the model takes; did you mean 'Tage'"):
        score([{**{key: value for key, value in good.items() if key != "Tag"}, "Tage": 1}], expected, len)
    assert score([good], expected, lambda rows: rows).unseen == {"Sorte": 1}

    def fail(frame: pd.DataFrame) -> pd.DataFrame:
        raise ValueError("too warm\nand more")

    with pytest.raises(UserError, match=r"^records: the model fails: too warm$"):
        score([good], expected, fail)
