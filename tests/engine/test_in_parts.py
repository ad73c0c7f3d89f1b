"""A table in parts, as Spark reads it: each part gets the types that the whole has."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.params import Data
from penguins.engine.table import in_parts, plan
from penguins.engine.table.cells import as_written
from penguins.engine.table.in_parts import InParts
from penguins.engine.table.part import type_part
from penguins.engine.table.plan import TYPED, Part, Unread
from penguins.engine.table.reading import read_raw, read_whole
from penguins.engine.table.types import to_types
from penguins.engine.validation.spark_session import why_failed
from penguins.params import Params, load_params

from tests.engine.conftest import TARGET, make_table

COLUMNS = {
    "numeric": ["width", "height"],
    "categorical": ["colour", "grade", "mixed", "truth"],
    "text": ["note"],
    "id": ["code"],
    "date": ["day"],
    "drop": ["unused", "codes", "some"],
}


@pytest.fixture
def table(project: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """A table whose parts, each by itself, look like something else than the whole."""
    monkeypatch.setattr(in_parts, "check_spark", lambda: None)
    monkeypatch.setattr(plan, "ROWS", 50)
    rows, random = 230, np.random.default_rng(1)
    table = make_table(rows).astype({"height": "str"})
    table["width"] = [f"{width} cm" if row % 3 else width for row, width in enumerate(table["width"])]
    table["grade"] = random.choice(["1.0", "2.0"], rows)  # numbers in one way: 1 and 2
    table["mixed"] = ["1.0"] * 100 + ["1"] * 130  # two categories, though each part has one
    table["truth"] = random.choice(["true", "FALSE"], rows)
    table["codes"] = ["7"] * 100 + ["007"] * 130  # text, for the zeros of the later parts
    table["some"] = [str(row) if row % 2 else "?" for row in range(rows)]  # numbers, in spite of the gaps
    table["day"] = "2024-01-31"
    table.loc[[3, 60, 200], "height"] = ["tall", "?", "low"]
    table.loc[150, "day"] = "yesterday"
    return table


def with_engine(**data: Any) -> Params:
    params = load_params()
    columns = params.data.columns.model_copy(update=COLUMNS)
    changed = {"engine": "spark", "missing": ["?"], "units": {"width": "cm"}, "columns": columns, **data}
    return params.model_copy(update={"data": params.data.model_copy(update=changed)})


def typed(params: Params, **changes: Any) -> tuple[InParts, list[Part], pd.DataFrame]:
    """Type each part, as Spark's workers do; Spark itself finds out which words are normalized."""
    raw = read_raw(params)
    assert isinstance(raw, InParts)
    whole = read_whole(params)
    written = {name for name in raw.texts if not as_written(whole[[name]])[name].equals(whole[name])}
    raw.plan = replace(raw.plan, normalized=raw.plan.normalized | written, **changes)
    parts = [type_part(raw.plan, number) for number in range(raw.parts)]
    frames = [pd.read_parquet(raw.plan.path(TYPED, number)) for number in range(raw.parts)]
    return raw, parts, pd.concat(frames, ignore_index=True)


def test_each_part_has_the_types_of_the_whole(table: pd.DataFrame) -> None:
    table.to_csv("data/raw/table.csv", index=False)
    params = with_engine()
    raw, parts, frame = typed(params)
    assert (raw.rows, raw.parts) == (230, 5)
    files = [raw.plan.path(TYPED, number) for number in range(raw.parts)]
    written = [path.read_bytes() for path in files]
    pd.testing.assert_frame_equal(frame, to_types(read_whole(params), params.data))
    assert frame.dtypes[["some", "codes"]].astype("str").tolist() == ["float64", "str"]
    assert set(frame["grade"]) == {"1", "2"}
    assert set(frame["mixed"]) == {"1", "1.0"}
    unread = [one.unread["height"] for one in parts if "height" in one.unread]
    assert unread[0].and_more(unread[1]) == Unread(2, [5, 202], ["tall", "low"], ["low", "tall"])
    assert [one.unread["day"].rows for one in parts if "day" in one.unread] == [[152]]
    assert raw.cells("mixed", [99, 100, 229]) == ["1.0", "1", "1"]
    typed(params)
    assert [path.read_bytes() for path in files] == written, "another table for DVC"


def test_typed_files_give_the_same(table: pd.DataFrame) -> None:
    table["height"] = make_table(len(table))["height"].astype("Int64").where(table.index % 9 > 0)
    table["grade"] = table["grade"].astype("float64")
    table["mixed"] = pd.array([None if row % 2 else row for row in range(len(table))], dtype="Int64")
    table["truth"] = table["truth"] == "true"
    table["colour"] = table["colour"].astype("category")
    table["day"] = pd.to_datetime(table["day"], errors="coerce")
    table["width"] = pd.to_numeric(make_table(len(table))["width"])
    table.to_parquet("data/raw/table.parquet", index=False)
    params = with_engine(path=Path("data/raw/table.parquet"))
    _, _, frame = typed(params)
    pd.testing.assert_frame_equal(frame, to_types(read_whole(params), params.data))


def test_a_sample_is_every_so_many_rows(table: pd.DataFrame) -> None:
    table.to_csv("data/raw/table.csv", index=False)
    raw, _, frame = typed(with_engine(), step=7)
    pd.testing.assert_frame_equal(raw.sample(), frame.iloc[::7].reset_index(drop=True))


def test_an_expectation_sees_numbers_and_rows_by_number(table: pd.DataFrame) -> None:
    table.to_csv("data/raw/table.csv", index=False)
    raw, parts, frame = typed(with_engine(), seen=(("mixed", "number"), ("colour", "number")))
    seen = pd.concat([pd.read_parquet(raw.plan.path(plan.SEEN, n)) for n in range(raw.parts)])
    assert list(seen[plan.ROW]) == list(range(2, 232))
    assert (seen["number mixed"] == 1).all()
    assert sum(one.unfit["colour", "number"].count for one in parts) == frame["colour"].notna().sum()


def test_a_column_without_a_role_is_named_before_any_work(table: pd.DataFrame) -> None:
    table.assign(more=1).to_csv("data/raw/table.csv", index=False)
    with pytest.raises(UserError, match=r"^params.yaml:\d+: data.columns: .* no list has more: put each"):
        read_raw(with_engine())


def test_what_is_missing_for_spark_is_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = with_engine()
    monkeypatch.setattr(in_parts, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"^params.yaml:\d+: data.engine: spark needs pyspark, .* `uv pip in"):
        read_raw(params)
    monkeypatch.setattr(in_parts, "find_spec", lambda name: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(UserError, match=r"^params.yaml:\d+: data.engine: spark needs Java 17 or newer"):
        read_raw(params)


def test_of_an_error_of_spark_the_line_of_python_is_told() -> None:
    java = "An error occurred while calling z:collect.\n: org.apache.spark.SparkException: Job aborted: "
    python = (
        "Traceback (most recent call last):\n  File part.py, line 25\n    read()\npa.ArrowInvalid: 4 bytes\n"
    )
    stack = "\n\tat org.apache.spark.api.python.BasePythonRunner.handle\nDriver stacktrace:"
    assert why_failed(RuntimeError(java + python + stack)) == "pa.ArrowInvalid: 4 bytes"
    assert why_failed(RuntimeError("Job cancelled\nby hand")) == "Job cancelled"


def test_the_engine_makes_no_other_table(project: Path) -> None:
    from penguins.engine.table.validated import made_of

    data: Data = load_params().data
    assert made_of(data) == made_of(data.model_copy(update={"engine": "spark"}))
    assert data.engine == "pandas"
    assert data.target == TARGET
