"""Training on some rows and columns of a table, which may be a folder of files."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.split.dataset import Dataset
from penguins.engine.split.divided import Divided
from penguins.engine.split.sample import sampled
from penguins.engine.split.sides import Sides
from penguins.engine.split.whole import Whole
from penguins.engine.table import validated_parts
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import read_validated, write_validated
from penguins.engine.table.validated_parts import ValidatedParts
from penguins.params import Params, load_params

from tests.engine.conftest import PARAMS, TARGET, make_table, set_up


def with_sample(params: Params, share: float, **split: object) -> Params:
    return params.model_copy(update={"split": params.split.model_copy(update={"sample": share, **split})})


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose data are validated: 603 rows, some without a target."""
    with pytest.MonkeyPatch.context() as patch:
        folder = set_up(tmp_path_factory.mktemp("sampled"), patch)
        patch.setattr(validated_parts, "ROWS", 100)  # so that there are several parts
        table = pd.concat([make_table(600), make_table(3)], ignore_index=True)
        table.loc[[5, 300], TARGET] = None
        validate(table)
        yield folder


def validate(table: pd.DataFrame) -> None:
    """Write what the validate stage writes; its checks are not what is tested here."""
    table.to_csv("data/raw/table.csv", index=False)
    params = load_params()
    write_validated(to_types(read_raw(params), params.data), params, {})


def in_a_folder(rows: int) -> None:
    """Lay the validated table out as a folder of files, as Spark's is."""
    frame = pd.read_parquet(paths.VALIDATED)
    paths.VALIDATED.unlink()
    paths.VALIDATED.mkdir()
    for number, begin in enumerate(range(0, len(frame), rows)):
        part = frame.iloc[begin : begin + rows]
        part.attrs = frame.attrs
        part.to_parquet(paths.VALIDATED / f"part-{number:05}.parquet", index=False)


def test_the_sides_are_those_of_all_rows_whatever_the_sample(validated: Path) -> None:
    params = load_params()
    every = Divided.of(params)
    for ids in (["code"], []):
        columns = params.data.columns.model_copy(update={"id": ids})
        chosen = params.model_copy(update={"data": params.data.model_copy(update={"columns": columns})})
        for share in (0.5, 0.1):
            whole = Whole.of(ValidatedParts(params), with_sample(chosen, share))
            if ids:
                assert (whole.keys == every.keys).all()
                assert (whole.sides.test == every.sides.test).all()
            assert abs(whole.read.sum() - share * len(whole.read)) < 6  # a row in each stratum


def test_a_sample_is_stratified_and_seeded_and_grows_at_its_end(validated: Path) -> None:
    params = with_sample(load_params(), 0.25)
    whole = Whole.of(ValidatedParts(params), params)
    rows = read_validated(load_params())
    for side in (whole.sides.train, whole.sides.test):
        for colour in ("red", "green", "blue"):
            stratum = side & (rows["colour"] == colour).to_numpy()
            assert abs(whole.read[stratum].sum() - 0.25 * stratum.sum()) < 1
    assert (whole.read == Whole.of(ValidatedParts(params), params).read).all()
    other = with_sample(params, 0.25, seed=2)
    assert (whole.read != Whole.of(ValidatedParts(params), other).read).any()

    first = 400
    sides = Sides(whole.sides.train[:first], whole.sides.test[:first])
    assert (sampled(rows[:first], params, sides) == whole.read[:first]).all()


@pytest.mark.parametrize("stratify", ["colour", None])
def test_rows_that_are_read_are_those_of_the_table(validated: Path, stratify: str | None) -> None:
    params = load_params()
    params = with_sample(params, 0.25, stratify=stratify)
    every, some = read_validated(load_params()), Divided.of(params)
    assert some.whole is not None
    expected = every[some.whole.read].reset_index(drop=True)
    assert "unused" not in some.rows  # no parameter uses it
    pd.testing.assert_frame_equal(some.rows, expected[some.rows.columns])
    all_columns = Divided.of(params, every_column=True).rows
    pd.testing.assert_frame_equal(all_columns, expected)


def test_the_share_is_recorded(validated: Path) -> None:
    data = Dataset(with_sample(load_params(), 0.25))
    tags = data.division.tags()
    assert tags["split"].endswith(", sampled from 601 rows")
    assert tags["split.rows.sampled_from"] == "601"
    assert int(tags["split.rows.train"]) + int(tags["split.rows.test"]) == len(data.rows)
    assert data.description.rows == 601
    assert data.description == Dataset(load_params()).description
    assert "sampled_from" not in str(Dataset(load_params()).division.tags())


def test_a_class_that_is_not_in_the_sample_is_named(project: Path) -> None:
    table = make_table(600)
    table.loc[[7, 11, 13], TARGET] = "rare"
    validate(table)
    data = Dataset(with_sample(load_params(), 0.05))
    assert data.classes is not None
    assert set(data.classes.index) == {"large", "small", "rare"}
    assert any(line.startswith(f"{TARGET}: classes that are not among") for line in data.doubts)


def test_a_model_is_judged_by_no_row_that_another_sample_taught_it(project: Path) -> None:
    text = PARAMS.replace("    id: [code]\n    drop: [unused]", "    drop: [unused, code]")  # no ids
    Path("params.yaml").write_text(text, encoding="utf-8")
    validate(make_table(600))
    learned = Dataset(load_params()).learned
    params = with_sample(load_params(), 0.25)
    assert Dataset(params).new_to(learned).all()  # though few of the rows that it learned from are read
    # by another split it has seen most of the test rows
    elsewhere = Dataset(with_sample(params, 0.25, seed=9))
    new = elsewhere.new_to(learned)
    assert len(new) == len(elsewhere.test_rows)
    assert 0.1 < new.mean() < 0.4


def test_a_folder_of_files_is_read_as_one_file_is(validated: Path) -> None:
    params = load_params()
    alone, content = Divided.of(params), paths.VALIDATED.read_bytes()
    in_a_folder(170)
    try:
        apart = Divided.of(params, every_column=True)
        pd.testing.assert_frame_equal(apart.rows, alone.rows)
        assert np.array_equal(apart.keys, alone.keys)
        assert np.array_equal(apart.sides.test, alone.sides.test)
        assert apart.columns == alone.columns
        assert Dataset(params).learned.digest
        second = paths.VALIDATED / "part-00001.parquet"
        second.write_bytes(b"no parquet")
        with pytest.raises(UserError, match=r"^data/validated.parquet: .* part-00001.parquet: .*`dvc repro"):
            Divided.of(params)
    finally:
        for path in paths.VALIDATED.iterdir():
            path.unlink()
        paths.VALIDATED.rmdir()
        paths.VALIDATED.write_bytes(content)


@pytest.mark.parametrize("share", ["0", "1.5", "all"])
def test_a_sample_is_a_share(project: Path, share: str) -> None:
    text = PARAMS.replace("seed: 1,", f"seed: 1, sample: {share},")
    Path("params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"^params.yaml:\d+: split.sample: "):
        load_params()


def test_the_pipeline_runs_on_a_sample_of_a_folder(validated: Path) -> None:
    in_a_folder(250)
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("seed: 1,", "seed: 1, sample: 0.5,"), encoding="utf-8")
    for name in ("train", "evaluate", "register"):
        stage.run(name)
    decision = json.loads(paths.REGISTRATION.read_text(encoding="utf-8"))
    assert decision["decision"] == "registered"
    validate(make_table())  # a file takes the folder's place
    assert paths.VALIDATED.is_file()
