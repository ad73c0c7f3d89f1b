"""The user's own table: whatever the file is, it is read right, or a line says what it is."""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.params import Data
from penguins.engine.table.files import read_file
from penguins.engine.table.remedy import Remedy, Unreadable
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import read_validated
from penguins.params import load_params
from ruamel.yaml import YAML

from tests.engine.conftest import PARAMS, make_table

ROWS = 30 * "5,v,7\n"
GZIPPED = gzip.compress(b"a,b\n1,x\n", mtime=0)  # without the time, which would be in a test's name


def data_of(path: Path, content: bytes = b"", **keys: Any) -> Data:
    """Write a file, and declare it."""
    if content:
        path.write_bytes(content)
    values = {"task": "classification", "path": str(path), "target": "b", **keys}
    return Data.model_validate(values)


def read(path: Path, content: bytes = b"", **keys: Any) -> pd.DataFrame:
    return read_file(data_of(path, content, **keys))[0]


def cells(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): table[name].astype(object).where(table[name].notna(), None).tolist() for name in table}


DECIMAL = "a;b;c\n1,5;é;2\n2,5;y;3\n;z;4\n"
POINT = DECIMAL.replace(",", ".")
READ = {"a": [1.5, 2.5, None], "b": ["é", "y", "z"], "c": [2, 3, 4]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (DECIMAL.encode(), "its header is line 1, and its columns are separated by ';'"),
        (POINT.replace(";", "\t").encode(), "its columns are separated by tabs"),
        (POINT.replace(";", "|").encode(), "its columns are separated by '|'"),
        (POINT.replace(";", ",").encode("latin-1"), "line 2 is not in UTF-8, but perhaps in Latin-1"),
        (POINT.replace(";", ",").encode("utf-16"), "it is written in UTF-16"),
        (POINT.replace(";", ",").encode("utf-16-le"), "it holds zero bytes, as text in UTF-16 does"),
        (f"Report of 2020\n\n{POINT.replace(';', ',')}".encode(), "line 3 looks like the header"),
        (f"Report,,\n,,\n{POINT.replace(';', ',')}".encode(), "line 3 looks like the header"),
        (f"Report\n{DECIMAL}".encode(), "line 2 looks like the header, and its columns are separated by ';'"),
        (POINT.replace("\n;", "\n?;").replace(";", "   ").encode(), "its columns are separated by blanks"),
    ],
)
def test_what_is_not_declared_is_recognised_for_a_message_and_then_read(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "table.csv"
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        read(path, content)
    remedy = re.search(r"write data.format: (\{.*\}) in params.yaml$", str(caught.value))
    assert remedy
    format = YAML(typ="safe").load(remedy[1])
    assert isinstance(caught.value, Unreadable)
    assert caught.value.remedy == Remedy(format=(format,))
    if "Latin" not in says:
        assert cells(read(path, format=format, missing=["?"])) == READ
    else:
        assert cells(read(path, format=format)) == READ


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"PK\x03\x04 and so on", "it is an Excel workbook, or a zip archive: .* end with .xlsx"),
        ("a.csv", b"PAR1 and so on", "it is a parquet file: its name has to end with .parquet"),
        ("a.csv", GZIPPED, "it is compressed by gzip: its name has to end with .csv.gz"),
        ("a.csv.gz", b"a,b\n1,x\n", "its name says that it is compressed by gzip; it is not"),
        ("a.csv.gz", GZIPPED[:20], "it is not, or it is damaged"),
        ("a.csv", b'[{"a": 1}]', "it is JSON: its name has to end with .json$"),
        ("a.csv", b'{"a": 1}\n{"a": 2}\n', "it is JSON, an object a line: .* end with .jsonl$"),
        ("a.csv", b"<!doctype html>\n", "it is a page of HTML or XML"),
        (
            "a.csv",
            b"a,b,,\n1,x,2,3\n1,x,2,3\n",
            "no name: .* list 'Unnamed: 2' and 'Unnamed: 3' in",
        ),
        ("a.csv", b"a,b\n1,x\n2\n1,x\n3\n", r"line 3 has 1 cells, and the header 2 \(2 such lines: 3, 5\)"),
        ("a.csv", b"a,b\n1,x\n2,y,z\n" + 20 * b"1,x\n", "line 3 has 3 cells, and the header 2"),
        ("a.csv", b'a,b\n1,x\n2,"y\n3,z\n', "line 3 has a quote that is not closed"),
        ("a.csv", b"\n\n", "it is empty"),
        ("a.csv", b"a\n1\n", "it has one column, 'a'"),
        ("a.csv", b"b,b\n1,2\n", "it has more than one column b: give each a name of its own"),
        ("a.jsonl", b'{"a": 1}\n{"a": 2\n', "line 2, column 1 is not JSON"),
        ("a.jsonl", b'{"a": 1}\n[2]\n', "row 2 is not an object"),
        ("a.json", b'{"a": 1}', "it holds no list of objects"),
        ("a.json", b'[{"a": 1, "b": [1]}]', r"column 'b' holds values of the type list<item: int64>"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        read(tmp_path / name, content)
    assert len(str(caught.value).splitlines()) == 1


def test_columns_without_a_name_are_read_if_they_are_listed(tmp_path: Path) -> None:
    listed = {"drop": ["Unnamed: 2", "Unnamed: 3"]}
    table = read(tmp_path / "a.csv", b"a,b,,\n1,x,2,3\n", columns=listed)
    assert cells(table) == {"a": [1], "b": ["x"], "Unnamed: 2": [2], "Unnamed: 3": [3]}
    assert list(read(tmp_path / "a.csv", b",a,b\n0,1,x\n")) == ["Unnamed: 0", "a", "b"]  # pandas' index


def test_only_the_empty_cell_and_the_listed_words_are_missing(tmp_path: Path) -> None:
    words = ["NA", "None", "null", "nan", "", "-999", "x"]
    content = "a,b,c\n" + "".join(f'{word},"{word}",1\n' for word in words)
    csv = data_of(tmp_path / "a.csv", content.encode())
    assert cells(read_file(csv)[0])["b"] == [word or None for word in words]
    table = pd.DataFrame({"a": words, "b": words, "c": 1})
    table.to_parquet(tmp_path / "a.parquet")
    table.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    table.to_json(tmp_path / "a.json", orient="records")
    listed: dict[str, Any] = {"missing": ["NA", "-999"], "missing_in": {"b": ["null"]}}
    for name in ("a.csv", "a.parquet", "a.jsonl", "a.json"):
        found = cells(read(tmp_path / name, **listed))
        assert found["a"] == [None, "None", "null", "nan", None, None, "x"], name
        assert found["b"] == [None, "None", None, "nan", None, None, "x"], name


def test_a_number_that_is_listed_as_missing_is_so_in_typed_files(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [-999.0, 1.5], "b": ["-999", "y"], "c": [-999, 3]})
    table.to_parquet(tmp_path / "a.parquet")
    assert cells(read(tmp_path / "a.parquet", missing=["-999"])) == {
        "a": [None, 1.5],
        "b": [None, "y"],
        "c": [None, 3],
    }


IDS = b"""\
long,padded,tenth,number,infinite,nan,b
1234567890123456,00012,0.1234567890123456,0,inf,nan,1
1234567890123457,7,0.5,-1e3,1,1,2
"""


def test_what_a_number_would_not_keep_stays_text(tmp_path: Path) -> None:
    found = cells(read(tmp_path / "a.csv", IDS))
    assert found["long"] == ["1234567890123456", "1234567890123457"]
    assert found["padded"] == ["00012", "7"]
    assert found["tenth"] == [0.1234567890123456, 0.5]
    assert found["number"] == [0.0, -1000.0]
    assert (found["infinite"], found["nan"]) == (["inf", "1"], ["nan", "1"])
    assert found["b"] == ["1", "2"]  # classes are names
    numeric = read(tmp_path / "a.csv", columns={"numeric": ["padded", "nan"]})
    assert cells(numeric)["padded"] == [12, 7]
    assert cells(numeric)["nan"] == ["nan", "1"]  # not missing, unless it is listed


@pytest.mark.parametrize("gap", [[], [None]])
def test_whole_numbers_keep_their_digits_in_parquet(tmp_path: Path, gap: list[None]) -> None:
    long = [1234567890123456789, 1234567890123456788, *gap]
    table = pd.DataFrame({"a": pd.array(long, "Int64"), "k": pd.array(long, "Int64"), "b": "x"})
    table.to_parquet(tmp_path / "a.parquet")
    data = data_of(tmp_path / "a.parquet", columns={"id": ["a"], "categorical": ["k"]})
    typed = to_types(read_file(data)[0], data)
    assert cells(typed)["a"] == cells(typed)["k"] == [None if one is None else str(one) for one in long]


def test_what_no_cell_holds_is_read_only_if_it_is_not_dropped(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1], "b": ["x"], "l": [[1, 2]], "s": [{"u": 1}], "y": [b"z"]})
    table.to_parquet(tmp_path / "a.parquet")
    for name in ("l", "s", "y"):
        others = [one for one in ("l", "s", "y") if one != name]
        says = rf"column '{name}' holds values of the type .*: put it into data.columns.drop, or"
        with pytest.raises(ValueError, match=says):
            read(tmp_path / "a.parquet", columns={"drop": others})
    found, names = read_file(data_of(tmp_path / "a.parquet", columns={"drop": ["l", "s", "y"]}))
    assert (list(found), names) == (["a", "b"], ["a", "b", "l", "s", "y"])


def test_cells_of_text_are_as_they_are_written(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfa,b\r\n" x\r\ny","say ""no"""\r\n\r\n  ,-\r\n'
    found = read(tmp_path / "a.csv", content, columns={"text": ["a"]})
    assert cells(found) == {"a": [" x\r\ny", "  "], "b": ['say "no"', "-"]}
    assert cells(read(tmp_path / "a.tsv", b"a\tb\n1,5\tx\n", format={"decimal": ","})) == {
        "a": [1.5],
        "b": ["x"],
    }
    assert cells(read(tmp_path / "a.csv.gz", GZIPPED)) == {"a": [1], "b": ["x"]}


def test_a_row_may_be_longer_than_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penguins.engine.table.delimited.BLOCKS", (16, 2000))
    long = "x" * 1000
    assert cells(read(tmp_path / "a.csv", f"a,b\n1,{long}\n2,y\n".encode()))["b"] == [long, "y"]
    with pytest.raises(ValueError, match="a row is longer than what is read at once; is a quote not closed"):
        read(tmp_path / "a.csv", f"a,b\n1,{5 * long}\n2,y\n".encode())
    with pytest.raises(ValueError, match="line 2 has a quote that is not closed"):
        read(tmp_path / "a.csv", f'a,b\n1,"{5 * long}\n2,y\n'.encode())


def test_objects_may_lack_keys_and_mix_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penguins.engine.table.documents.CHUNK", 2)
    content = b'{"a": 1, "b": "x"}\n{"a": 2, "b": true}\n\n{"b": "y", "d": "2020-01-01"}\n{"a": "?"}\n'
    found = cells(read(tmp_path / "a.jsonl", content))
    assert found == {
        "a": ["1", "2", None, "?"],
        "b": ["x", "True", "y", None],
        "d": [None, None, "2020-01-01", None],
    }


def test_an_encoding_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match="no encoding is called 'utf-42'"):
        data_of(Path("a.csv"), format={"encoding": "utf-42"})
    with pytest.raises(ValueError, match="decimal and thousands are both ','"):
        data_of(Path("a.csv"), format={"decimal": ",", "thousands": ","})


class Book:
    """A workbook of two sheets, as pandas opens it."""

    sheet_names = ("First", "Second")

    def __init__(self, path: Path, engine: str) -> None:
        assert (path.name, engine) == ("a.xlsx", "openpyxl")

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def parse(self, sheet: str, **how: Any) -> pd.DataFrame:
        assert how["dtype"] is object
        assert not how["keep_default_na"]
        rows: dict[str, list[list[Any]]] = {
            "First": [["a", "b", "c"], [1, "NA", "00012"], [2.5, "", 7], ["", True, ""]],
            "Second": [["a", "b", "b"]],
        }
        return pd.DataFrame(rows[sheet][how["skiprows"] :], dtype=object)


def test_a_sheet_is_read_with_the_types_of_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pandas.ExcelFile", Book)
    path = tmp_path / "a.xlsx"
    for sheet in ({}, {"sheet": 1}, {"sheet": "First"}):
        found = cells(read(path, format=sheet))
        assert found == {"a": [1, 2.5, None], "b": ["NA", None, "True"], "c": ["00012", "7", None]}
    assert cells(read(path, missing=["NA"]))["b"] == [None, None, "True"]
    with pytest.raises(ValueError, match="more than one column b"):
        read(path, format={"sheet": 2})
    for missing in (3, "Third"):
        with pytest.raises(ValueError, match=r"it has no sheet .* but \['First', 'Second'\]"):
            read(path, format={"sheet": missing})
    with pytest.raises(ValueError, match="its sheet 'Second' is empty"):
        read(path, format={"sheet": 2, "skip_rows": 1})


def test_a_workbook_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ValueError, match="it is a workbook, which openpyxl reads: `pip install openpyxl`"):
        read(tmp_path / "a.xlsx", b"PK")


def test_lists_under_drop_and_columns_of_nothing_are_no_obstacle(project: Path) -> None:
    """From the file to metrics: a parquet file as other tools write it."""
    table = make_table().assign(lists=pd.Series([[1, 2]] * 120), unused=float("nan"), colour="")
    table.to_parquet("data/raw/table.parquet", index=False)
    params = PARAMS.replace("table.csv", "table.parquet").replace("[unused]", "[unused, lists]")
    Path("params.yaml").write_text(params.replace(", stratify: colour", ""), encoding="utf-8")
    for name in ("validate", "train", "evaluate"):
        stage.run(name)
    assert "lists" not in read_validated(load_params())
    assert json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))["f1_macro"] > 0.6
