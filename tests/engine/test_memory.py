"""A large table: read some columns at once, and let go as soon as it is not needed."""

from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base import memory
from penguins.engine.fitting.weights import fit_weighted
from penguins.engine.params import Data
from penguins.engine.split import dataset
from penguins.engine.split import rows as split_rows
from penguins.engine.table import files, validated
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.params import load_params
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.engine.conftest import make_table


def test_a_table_is_the_same_however_many_columns_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table().rename(columns={"width": "a", "height": "a.b", "colour": "a.b.c"})
    table["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(range(len(table)), "D")
    table.attrs = {"roles": "[]"}
    table.to_parquet(path := tmp_path / "table.parquet", index=False)
    data = Data(path=path, target="kind", task="classification")
    whole, (raw, names) = files.read_parquet(path), files.read_file(data)
    monkeypatch.setattr(files, "CELLS", 2 * len(table))
    pd.testing.assert_frame_equal(files.read_parquet(path), table)
    pd.testing.assert_frame_equal(files.read_parquet(path), whole)
    assert files.read_parquet(path).attrs == whole.attrs == table.attrs
    again, names_again = files.read_file(data)
    pd.testing.assert_frame_equal(again, raw)
    assert names_again == names == list(table.columns)


class Probe(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Notes which of some things are still in memory as it is fitted."""

    def __init__(self, things: Any = ()) -> None:
        self.things = things

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Probe":
        self.alive_ = [thing() is not None for thing in self.things]
        self.shape_, self.weight_ = X.shape, sample_weight
        return self


@pytest.mark.parametrize("again", [True, False])
def test_rows_are_let_go_when_the_model_itself_is_fitted(again: bool) -> None:
    def make() -> pd.DataFrame:
        return pd.DataFrame({"width": np.arange(6.0), "height": np.ones(6)})

    held = memory.Held(make(), make if again else None)
    model = make_pipeline(StandardScaler(), Probe([ref(held.get())]))
    fit_weighted(model, held, np.arange(6), np.full(6, 2.0))
    assert model[-1].alive_ == [not again]
    assert model[-1].shape_ == (6, 2)
    assert model[-1].weight_.tolist() == [2] * 6
    pd.testing.assert_frame_equal(held.get(), make())
    assert held.get() is held.get()


def test_a_pipeline_with_a_cache_or_one_step_or_of_another_kind_is_fitted(tmp_path: Path) -> None:
    class Other(Pipeline):  # type: ignore[misc]
        def fit(self, X: Any, y: Any, **more: Any) -> "Other":
            self.mark_ = 1
            super().fit(X, y, **more)
            return self

    rows = memory.Held(pd.DataFrame({"width": np.arange(6.0)}))
    cached = Pipeline([("scale", StandardScaler()), ("model", Probe())], memory=str(tmp_path))
    fit_weighted(cached, rows, np.arange(6), None)
    assert cached[0].mean_ == [2.5]
    fit_weighted(single := Pipeline([("model", Probe())]), rows, np.arange(6), np.ones(6))
    assert len(single[-1].weight_) == 6
    fit_weighted(other := Other([("scale", StandardScaler()), ("model", Probe())]), rows, np.arange(6), None)
    assert other.mark_ == 1


def test_features_are_read_again_and_nothing_else(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params, reads = load_params(), []
    validated.write_validated(to_types(read_raw(params), params.data), params, {})
    small = dataset.Dataset(params).train()
    kept = small.features
    small.held.let_go()
    assert small.features is kept
    monkeypatch.setattr(split_rows, "LARGE", 0)
    read = validated.read_parquet

    def read_parquet(path: Any) -> Any:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(validated, "read_parquet", read_parquet)
    data = dataset.Dataset(params)
    large = data.train()
    large.held.let_go()
    assert len(reads) == 1
    pd.testing.assert_frame_equal(large.features, kept)
    assert len(reads) == 2
    test = dataset.Dataset(params).test()
    assert len(reads) == 3
    assert (len(large), len(test)) == (data.division.train, data.division.test)
    assert len(data.train_target) == len(large)
    assert (data.columns.numeric, [*data.lines()]) == (["width", "height"], ["split"])
    assert len(reads) == 3
