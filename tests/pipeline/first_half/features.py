"""How columns become numbers.

Everything that the model needs at prediction time is inside the pipeline, so that a saved model takes
a row as pandas reads it from the CSV file: text, missing values, categories never seen.
"""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from .engine.params import Columns
from .engine.table.cells import as_numbers, as_text
from .params import Features


def for_any_model(columns: Columns, features: Features) -> ColumnTransformer:
    """Numbers without gaps on one scale, a column of 0 and 1 per category, weights of words."""
    impute = SimpleImputer(strategy=features.impute, keep_empty_features=True)
    encode = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=features.min_frequency, sparse_output=False
    )
    return _by_role(columns, features, [impute, *([StandardScaler()] if features.scale else [])], encode)


def for_gradient_boosting(columns: Columns, features: Features) -> ColumnTransformer:
    """Numbers with their gaps and categories as codes, both of which the model splits on natively.

    The codes are columns `len(columns.numeric)` and following: see `build_estimator` of the engine.
    """
    encode = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        min_frequency=features.min_frequency,
        max_categories=255,  # HistGradientBoosting takes no more
    )
    return _by_role(columns, features, [], encode)


def _by_role(
    columns: Columns, features: Features, numeric: list[BaseEstimator], categorical: BaseEstimator
) -> ColumnTransformer:
    """Give each role's columns the type that they mean, then its own treatment."""
    numbers = FunctionTransformer(as_numbers)
    categories = FunctionTransformer(as_text, kw_args={"missing": "missing"})  # a category of its own
    texts = FunctionTransformer(as_text, kw_args={"missing": ""})
    flat = FunctionTransformer(np.ravel)  # the vectorizer takes one dimension

    def words() -> Pipeline:
        return make_pipeline(texts, flat, TfidfVectorizer(max_features=features.max_text_features))

    return ColumnTransformer(
        [
            ("numeric", make_pipeline(numbers, *numeric), columns.numeric),
            ("categorical", make_pipeline(categories, categorical), columns.categorical),
            *((f"text_{name}", words(), [name]) for name in columns.text),
        ],
        sparse_threshold=0,
    )
