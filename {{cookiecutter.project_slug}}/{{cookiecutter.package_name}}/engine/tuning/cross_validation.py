"""How good parameters are, by cross-validation on the training rows: the test rows stay unseen."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import project
from ..base.errors import kind_and_line
from ..blocks.checking import params_error
from ..fitting.fit import fit
from ..fitting.target import check_classes
from ..judging.prediction import measure, predict
from ..params import Params
from ..split.classes import doubts_of_classes
from ..split.dataset import Dataset
from ..split.folds import fold
from ..split.rows import Rows, weights_of
from .space import Key, with_values

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

OTHER = "`tune.metric` may name another metric"
Outcome = tuple[list[float], str]  # the metric on each fold that was scored, and why it failed, if it did


@dataclass(frozen=True)
class CrossValidation:
    """The training rows and their folds, prepared once for all trials, without objects of this package.

    Attributes:
        content: the content of params.yaml, with the role of every column, in which a trial's values are set.
        rows: n training rows.
        target: the value to predict for each row, from `Dataset.train_target`.
        folds: for each, the positions of the rows to fit on and of those to judge by.
    """

    content: dict[str, Any]
    rows: "pd.DataFrame"
    target: "NDArray[Any]"
    folds: "list[tuple[NDArray[np.intp], NDArray[np.intp]]]"

    @classmethod
    def prepare(cls, content: dict[str, Any], params: Params) -> "CrossValidation":
        """Take the training rows of the split and fold them; see `split.folds.fold`.

        It warns about rare classes by name, in place of scikit-learn.

        Raises:
            UserError: they cannot be divided into folds, or nothing can be learned from them.
        """
        data, tune = Dataset(params), params.tune
        check_classes(data)
        rows = data.train_rows.reset_index(drop=True)
        weights_of(rows, params)
        for doubt in doubts_of_classes(data.classes, params.data.target):
            warnings.warn(doubt, stacklevel=2)
        try:
            with warnings.catch_warnings(action="ignore"):
                folds = fold(rows, params, data.columns.id, tune.folds, tune.seed)
        except ValueError as error:
            raise params_error(("tune", "folds"), f"{len(rows)} training rows: {error}") from None
        with_roles = {**content, "data": {**content["data"], "columns": data.columns.model_dump()}}
        return cls(with_roles, rows, data.train_target, folds)

    def evaluate(self, values: Mapping[Key, Any], limits: list[float]) -> Outcome:
        """Fit and score one trial, fold after fold.

        Args:
            values: the trial's values.
            limits: the result of `Study.limits`; a trial that does not reach the limit of a fold ends there.

        Returns:
            The metric on each fold that was scored; and why the trial failed, empty if it did not.
        """
        scores: list[float] = []
        try:
            with warnings.catch_warnings():  # a model that turns warnings into errors does so only for itself
                params = project.params_type().model_validate(with_values(self.content, values))
                columns = params.data.columns
                metric = params.search_metric
                sign = 1 if project.greater_is_better()[metric] else -1
                for seen, judged in self.folds:
                    pipeline = project.models().build(params, columns)
                    rows = Rows.to_learn(self.rows.iloc[seen], self.target[seen], columns, params)
                    fit(pipeline, rows)
                    test = self.rows.iloc[judged]
                    metrics = measure(predict(pipeline, test[columns.features], test[params.data.target]))
                    if metric not in metrics:
                        return scores, f"{metric} could not be measured on fold {len(scores) + 1}; {OTHER}"
                    scores.append(metrics[metric])
                    limit = limits[len(scores) - 1] if limits else np.nan
                    if sign * np.mean(scores) < sign * limit:
                        break
        except BaseException as error:  # the search continues, whatever a model raises, even sys.exit
            return scores, kind_and_line(error)
        return scores, ""
