"""A table in parts is the table."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.drift import sample
from penguins.engine.drift.rows import NewRows
from penguins.engine.params import Data
from penguins.engine.scoring.expected import Expected
from penguins.engine.table import parts
from penguins.engine.table.files import read_file
from penguins.engine.table.parts import as_frame, columns_in, read_tables

ROLES = {"numeric": ["width", "height"], "categorical": ["colour"], "text": ["note"], "drop": ["unused"]}


def data(path: Path, **more: Any) -> Data:
    block = {"task": "classification", "path": path, "target": "kind", "columns": ROLES}
    return Data.model_validate({**block, **more})


def read_parts(data: Data) -> list[tuple[pd.DataFrame, list[str]]]:
    return [(as_frame(part, data), columns_in(data)) for part in read_tables(data)]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Make a table of several parts; a cell has a line break, others are missing."""
    monkeypatch.setattr(parts, "BYTES", 2_000)
    monkeypatch.setattr(parts, "ROWS", 50)
    rows = range(300)
    return pd.DataFrame(
        {
            "width": [None if row in (7, 70) else row / 3 for row in rows],
            "height": [float(row) for row in rows],
            "colour": ["red", "?", "dark\nblue"] * 100,
            "note": [f"a note, number {row}" for row in rows],
            "unused": 1,
            "kind": ["a", "b"] * 150,
        }
    )


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.tsv", "t.jsonl"])
def test_the_parts_of_a_file_are_the_file(table: pd.DataFrame, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".parquet"):
        table.to_parquet(path)
    elif name.endswith(".jsonl"):
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    read = read_parts(data(path, missing=["?"]))
    whole, names = read_file(data(path, missing=["?"]))
    assert (len(read) > 3) is (name != "t.jsonl")
    assert all(columns == names for _, columns in read)
    pd.testing.assert_frame_equal(pd.concat([part for part, _ in read], ignore_index=True), whole)
    assert whole["colour"].isna().sum() == 100


def test_a_number_that_is_none_is_counted_in_each_part(table: pd.DataFrame, tmp_path: Path) -> None:
    odd = table.assign(height=["few" if row in (10, 250, 299) else row for row in range(300)])
    odd.to_csv(tmp_path / "t.csv", index=False)
    roles = {name: role for role in ("numeric", "categorical", "text") for name in ROLES[role]}
    expected = Expected.by_role({**roles, "kind": "categorical"}, data(tmp_path / "t.csv", missing=["?"]))
    rows = NewRows(tmp_path / "t.csv", expected, "kind")
    read = pd.concat(part.table for part in rows.parts())
    assert (rows.unread, rows.unknown, rows.description.rows) == ({"height": 3}, ["unused"], 300)
    assert rows.description.complete == {"note", "kind"}
    assert rows.description.types["height"] == "double"
    assert read["height"].isna().sum() == 3
    assert list(read.columns) == ["width", "height", "colour", "note", "kind"]


@pytest.mark.parametrize(
    "end", ["1,2,red,x,1\n", '1,2,red,"x,1,a\n', '1,2,red,x,1,"a\n\n', "1,2,r\xe9d,x,1,a\n"]
)
def test_what_is_wrong_far_down_is_said_in_the_same_way(
    table: pd.DataFrame, tmp_path: Path, end: str
) -> None:
    table.to_csv(tmp_path / "t.csv", index=False)
    with (tmp_path / "t.csv").open("a", encoding="latin-1") as file:
        file.write(end)
    with pytest.raises(ValueError, match=r"line 402|quote|utf-8|UTF-8") as whole:
        read_file(data(tmp_path / "t.csv"))
    with pytest.raises(ValueError, match=re.escape(str(whole.value))):
        read_parts(data(tmp_path / "t.csv"))


def test_of_many_columns_the_first_are_named(tmp_path: Path) -> None:
    wide = pd.DataFrame({f"column {number}": [1.0] for number in range(30)})
    wide.to_csv(tmp_path / "t.csv", index=False)
    expected = Expected.by_role({"column 0": "numeric", "kind": "categorical"}, data(tmp_path / "t.csv"))
    rows = NewRows(tmp_path / "t.csv", expected, "kind")
    list(rows.parts())
    listed = ", ".join(f"column {number}" for number in range(1, 11))
    assert rows.notes() == {"columns that the model does not take": f"{listed} and 19 more"}


@pytest.mark.parametrize("categories", [["1", "1.0"], ["1"], ["1.0"]])
def test_a_category_is_the_models_whichever_rows_are_beside_it(tmp_path: Path, categories: list[str]) -> None:
    """In a file, or a part of one, that holds `1.0` only, nothing else tells how it is spelled."""
    (tmp_path / "t.csv").write_text("grade,kind\n1.0,1.0\n1.0,1.0\n", encoding="utf-8")
    column = {"name": "grade", "role": "categorical", "categories": categories, "missing": 0}
    known = {"inputs": [column, {**column, "name": "kind"}]}
    rows = NewRows(tmp_path / "t.csv", Expected.of(known, data(tmp_path / "t.csv")), "kind")
    spelled = "1.0" if "1.0" in categories else "1"
    assert pd.concat(part.table for part in rows.parts()).to_numpy().tolist() == [[spelled, spelled]] * 2


def test_a_reference_of_any_length_is_sampled_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "SAMPLE", 500)
    random = np.random.default_rng(0)
    table = pd.DataFrame({"row": np.arange(2000.0), "colour": pd.Series(random.choice(["a", "b"], 2000))})
    table.loc[1999, "colour"], table.loc[:99, "row"] = "rare", np.nan
    table["note"] = table["colour"]
    cut = [table[start : start + size] for start, size in ((0, 300), (300, 900), (1200, 800))]
    sampled = sample.sampled_of(iter(cut), {"note": "text"})
    assert (len(sampled.rows), sampled.count, sampled.missing["row"]) == (500, 2000, 100)
    assert sampled.categories["colour"].to_dict() == table["colour"].value_counts().to_dict()
    assert "note" not in sampled.categories
    kept = sampled.rows["row"].dropna()
    assert kept.is_monotonic_increasing
    assert abs(kept.mean() - 1050) < 90  # from all over: three standard errors
    assert sampled.rows.equals(sample.sampled_of(iter(cut), {}).rows)
    few = sample.sampled_of(iter(cut[:1]), {})
    assert few.rows.equals(cut[0])
