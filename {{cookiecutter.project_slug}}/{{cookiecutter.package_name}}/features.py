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

from .engine.fitting.transformers import transformer
from .engine.params import Columns
from .engine.table.cells import as_numbers, as_text
from .engine.table.date_parts import DateParts
from .engine.table.spelling import Spelling
from .params import Params

MISSING = "missing"  # a category of its own


def for_any_model(columns: Columns, params: Params) -> ColumnTransformer:
    """Numbers and parts of dates without gaps on one scale, 0 and 1 per category, weights of words."""
    features = params.features
    impute = SimpleImputer(strategy=features.impute, keep_empty_features=True)
    encode = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=features.min_frequency, sparse_output=False
    )
    scale = [StandardScaler()] if features.scale else []
    return _by_role(columns, params, [impute, *scale], [Spelling(missing=MISSING), encode])


def for_gradient_boosting(columns: Columns, params: Params) -> ColumnTransformer:
    """Numbers and parts of dates with their gaps, categories as codes: the model splits on both natively.

    The codes are columns `len(columns.numeric)` and following: see `build_estimator` of the engine.
    """
    encode = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        min_frequency=params.features.min_frequency,
        max_categories=255,  # HistGradientBoosting takes no more
    )
    return _by_role(columns, params, [], [Spelling(missing=MISSING, numbered=True), encode])


def _by_role(
    columns: Columns, params: Params, numeric: list[BaseEstimator], categorical: list[BaseEstimator]
) -> ColumnTransformer:
    """Give each role's columns the type that they mean, then its own treatment."""
    data, features = params.data, params.features
    numbers = FunctionTransformer(as_numbers, kw_args=data.number_format)
    dates = DateParts(data.date_formats)  # year, month, day of the week and of the year, hour, age
    texts = FunctionTransformer(as_text, kw_args={"missing": ""})
    flat = FunctionTransformer(np.ravel)  # the vectorizer takes one dimension

    def words() -> Pipeline:
        if features.text == "tfidf":
            return make_pipeline(texts, flat, TfidfVectorizer(max_features=features.max_text_features))
        return make_pipeline(texts, flat, transformer(features.text, "features", "text"))

    return ColumnTransformer(
        [
            ("numeric", make_pipeline(numbers, *numeric), columns.numeric),
            ("categorical", make_pipeline(*categorical), columns.categorical),
            ("date", make_pipeline(dates, *numeric), columns.date),
            *((f"text_{name}", words(), [name]) for name in columns.text),
        ],
        sparse_threshold=0,
    )
