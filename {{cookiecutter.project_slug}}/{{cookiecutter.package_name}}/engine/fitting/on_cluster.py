"""Fitting a model on a Dask cluster, with XGBoost's or LightGBM's own interface; the plain model is kept.

The steps before it are fitted here, to the rows in memory. With `split.sample` these are only some of the
rows: the workers then read all training rows, each worker its share, and apply the steps to them.
"""

from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..base.errors import UserError
from .cluster_rows import Matrix, in_blocks, of_files, of_memory
from .dask_client import cluster_client

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from ..split.rows import Rows


def fit_on_cluster(model: "Pipeline", rows: "Rows") -> None:
    """Fit a pipeline in place, its last step on a cluster.

    Args:
        model: the pipeline; its last step is an adapter around the plain estimator.
        rows: the rows in memory, and where all others are.

    Raises:
        UserError: the cluster cannot be used.
    """
    steps, adapter, elsewhere = model[:-1], model.steps[-1][1], rows.elsewhere
    target = rows.target if elsewhere is None else elsewhere.values
    codes, classes = target, None
    if hasattr(adapter, "encode"):
        codes, classes = pd.factorize(np.asarray(target), sort=True)
        adapter.encode, adapter.classes_ = True, classes
    with cluster_client() as client, client.as_current():  # XGBoost asks for the current client
        if elsewhere is None:
            prepared = np.asarray(steps.fit_transform(rows.features, rows.target))
            sizes, matrix = of_memory(client, prepared)
            weight = rows.weight
        else:
            steps.fit(rows.features, rows.target)
            sizes, matrix, weight = of_files(client, steps, rows.features.head(1), elsewhere)
        ends = np.cumsum(sizes)[:-1]
        labels = in_blocks(np.split(codes, ends))
        weights = None if weight is None else weight if elsewhere else in_blocks(np.split(weight, ends))
        adapter.estimator_ = _fitted(client, adapter.estimator, matrix, labels, weights, classes)


def _fitted(client: Any, plain: Any, matrix: Matrix, labels: Matrix, weights: Matrix, classes: Any) -> Any:
    """Fit the Dask class that belongs to a plain estimator, and return the plain model."""
    name = type(plain).__name__
    root = type(plain).__module__.split(".")[0]
    estimator = getattr(import_module(f"{root}.dask"), f"Dask{name}")(**plain.get_params())
    matrix, labels = client.persist(matrix), client.persist(labels)
    if root == "lightgbm":
        estimator.set_params(client=client)
        if classes is not None:
            _check_classes(client, matrix, labels, len(classes))
        return estimator.fit(matrix, labels, sample_weight=weights).to_local()
    estimator.fit(matrix, labels, sample_weight=weights)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.ubj"
        estimator.save_model(path)
        local = type(plain)(**plain.get_params())
        local.load_model(path)
    return local


def _check_classes(client: Any, matrix: Matrix, labels: Matrix, classes: int) -> None:
    """Check that each worker has rows of each class: LightGBM numbers the classes on each by itself.

    Raises:
        UserError: a worker lacks a class.
    """
    from dask import delayed
    from distributed import futures_of, wait

    wait([matrix, labels])
    of_blocks = client.compute([delayed(np.unique)(block) for block in labels.to_delayed()], sync=True)
    places = client.who_has(futures_of(matrix))
    known: dict[str, set[int]] = {}
    for future, found in zip(futures_of(matrix), of_blocks, strict=True):
        for worker in places[future.key]:
            known.setdefault(worker, set()).update(found.tolist())
    if any(len(codes) < classes for codes in known.values()):
        raise UserError(
            "a worker has no row of one of the classes, and LightGBM would mix them up: shuffle the table's "
            "rows, or use fewer workers, or XGBoost"
        )
