"""What can be said of a fit on a cluster where there is neither one nor a library for it."""

from pathlib import Path

import numpy as np
import pytest
from dask import config
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.fitting import classes
from penguins.engine.fitting.cluster_rows import in_blocks, of_files, of_memory
from penguins.engine.fitting.dask_client import cluster_client
from penguins.engine.fitting.threshold import check_threshold
from penguins.engine.split.dataset import Dataset
from penguins.engine.table.reading import read_whole
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import write_validated
from penguins.models import build
from penguins.params import Params, load_params
from pyarrow import parquet  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from tests.engine.conftest import make_table

DASK = "xgboost.dask.DaskXGBClassifier"


def on_cluster(sample: float) -> Params:
    params = load_params()
    split = params.split.model_copy(update={"sample": sample})
    model = params.model.model_copy(update={"type": DASK})
    return params.model_copy(update={"model": model, "split": split})


def test_a_scheduler_that_does_not_answer_is_one_line() -> None:
    with (
        config.set({"scheduler-address": "tcp://127.0.0.1:1"}),
        pytest.raises(UserError, match=r"^tcp://127.0.0.1:1: no scheduler answers"),
        cluster_client(),
    ):
        raise AssertionError("there is none")


def test_workers_read_all_rows_to_learn_from_as_they_would_be_prepared_here(project: Path) -> None:
    make_table(600).to_csv("data/raw/table.csv", index=False)
    params = load_params()
    write_validated(to_types(read_whole(params), params.data), params, {})
    parquet.write_table(parquet.read_table(paths.VALIDATED), paths.VALIDATED, row_group_size=170)
    every, some = Dataset(params).train(), Dataset(on_cluster(0.25))
    keys, division = some.learned.keys, some.division
    rows = some.train()
    assert rows.elsewhere is not None
    assert len(rows) < len(every) == len(keys) == division.train == len(rows.elsewhere.values)
    assert (rows.elsewhere.values == every.target).all()
    steps = build(params, some.columns)[:-1].fit(rows.features, rows.target)
    with cluster_client() as client, client.as_current():
        sizes, matrix, weight = of_files(client, steps, rows.features.head(1), rows.elsewhere)
        assert (sum(sizes), weight) == (len(every), None)
        assert np.array_equal(matrix.compute(), steps.transform(every.features), equal_nan=True)
        sent, again = of_memory(client, every.target[:, None].astype("str"))
        labels = in_blocks(np.split(every.target, np.cumsum(sent)[:-1]))
        assert (again.compute()[:, 0] == every.target).all()
        assert labels.chunks[0] == tuple(sent) == again.chunks[0]


def test_without_a_sample_the_rows_are_sent(project: Path) -> None:
    params = load_params()
    write_validated(to_types(read_whole(params), params.data), params, {})
    rows = Dataset(on_cluster(1.0)).train()
    assert (rows.on_cluster, rows.elsewhere) == (True, None)
    assert not Dataset(params).train().on_cluster


def test_another_librarys_class_for_dask_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class DaskLogisticRegression(LogisticRegression):  # type: ignore[misc]
        pass

    monkeypatch.setattr(classes, "imported", lambda path: DaskLogisticRegression)
    with pytest.raises(
        UserError, match=r"^params.yaml:\d+: model.type: Dask.* only XGBoost's and LightGBM's"
    ):
        classes.find_class("mine.DaskLogisticRegression", "classification")


def test_a_threshold_cannot_be_had_on_a_cluster(project: Path) -> None:
    params = on_cluster(1.0)
    params = params.model_copy(update={"model": params.model.model_copy(update={"threshold": 0.5})})
    with pytest.raises(UserError, match=r"model.threshold: does not work with xgboost.dask"):
        check_threshold(LogisticRegression(), params)
