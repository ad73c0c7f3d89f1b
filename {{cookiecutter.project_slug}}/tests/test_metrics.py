"""Metrics: what holds whatever is measured."""

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.engine.judging.prediction import PROBABILITY, measure, predict
from {{ cookiecutter.package_name }}.metrics import GREATER_IS_BETTER, baseline

from .conftest import SmallProject


@pytest.fixture(scope="module")
def naive(project: SmallProject) -> pd.DataFrame:
    """Predict the test rows by a model that looks at no feature."""
    data = project.data()
    train, test = data.train(), data.test()
    model = baseline().fit(train.features, train.target)
    return predict(model, test.features, test.actual)


@pytest.fixture(scope="module")
def perfect(naive: pd.DataFrame) -> pd.DataFrame:
    """Predict what is true, and be sure of it."""
    table = naive.assign(predicted=naive["actual"])
    sure = {
        name: (table["actual"] == name.removeprefix(PROBABILITY)).astype("float64")
        for name in map(str, table.columns)
        if name.startswith(PROBABILITY)
    }
    return table.assign(**sure)


def test_each_metric_has_a_direction(naive: pd.DataFrame) -> None:
    assert set(measure(naive)) <= set(GREATER_IS_BETTER)


def test_the_primary_metric_is_measured(project: SmallProject, naive: pd.DataFrame) -> None:
    assert project.params.evaluate.primary_metric in measure(naive)


def test_what_is_true_is_better_than_knowing_nothing(naive: pd.DataFrame, perfect: pd.DataFrame) -> None:
    """If this fails, a metric's direction in GREATER_IS_BETTER is the wrong one."""
    best, worst = measure(perfect), measure(naive)
    for name in best.keys() & worst.keys():
        sign = 1 if GREATER_IS_BETTER[name] else -1
        assert sign * best[name] >= sign * worst[name], name


def test_the_order_of_rows_does_not_matter(naive: pd.DataFrame) -> None:
    assert measure(naive[::-1].reset_index(drop=True)) == pytest.approx(measure(naive))


@pytest.mark.parametrize("rows", [1, 2])
def test_a_group_may_have_few_rows(naive: pd.DataFrame, rows: int) -> None:
    """A metric that so few rows do not allow is left out, or is not a number."""
    assert set(measure(naive.head(rows))) <= set(GREATER_IS_BETTER)
