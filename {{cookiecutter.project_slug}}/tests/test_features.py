"""Features: what holds whatever they are, since a model is asked for one row as for a million."""

from io import BytesIO

import joblib
import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from {{ cookiecutter.package_name }}.engine.split.rows import Rows
from {{ cookiecutter.package_name }}.models import build

from .conftest import SmallProject

Prepared = tuple[Pipeline, Rows]


@pytest.fixture(scope="module")
def fitted(project: SmallProject) -> Prepared:
    """Fit the features to the training rows, for rows that they have not seen."""
    train = project.data().train()
    model = build(project.params, project.data().columns)
    features = model[:-1].fit(train.features, train.target)
    return features, project.data().test()


def test_there_is_a_row_of_numbers_for_each_row(fitted: Prepared) -> None:
    features, test = fitted
    numbers = np.asarray(features.transform(test.features), dtype="float64")
    assert len(numbers) == len(test)
    assert not np.isinf(numbers).any()


def test_a_row_is_the_same_alone_and_among_others(fitted: Prepared) -> None:
    """A feature that looks at other rows, such as a mean of them, is another one when a model is asked."""
    features, test = fitted
    together = features.transform(test.features)
    for position in range(min(10, len(test))):
        alone = features.transform(test.features.iloc[[position]])
        np.testing.assert_allclose(alone, together[position : position + 1], rtol=1e-6)


def test_the_rows_stay_as_they_are(fitted: Prepared) -> None:
    features, test = fitted
    before = test.features.copy()
    features.transform(test.features)
    assert before.equals(test.features)


def test_a_copy_from_a_file_does_the_same(fitted: Prepared) -> None:
    features, test = fitted
    file = BytesIO()
    joblib.dump(features, file)
    file.seek(0)
    np.testing.assert_array_equal(
        joblib.load(file).transform(test.features), features.transform(test.features)
    )
