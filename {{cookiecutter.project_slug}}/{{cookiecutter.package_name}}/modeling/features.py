"""How columns become numbers.

Everything that the model needs at prediction time is inside the pipeline, made of scikit-learn's
own parts, so that a saved model takes a raw row: text, missing values, categories never seen.
"""

from typing import TYPE_CHECKING

from ..params import Columns, Features

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline


def feature_columns(columns: Columns) -> list[str]:
    """Return the columns that the model uses, in the order in which the pipeline puts them out."""
    return [*columns.numeric, *columns.categorical, *columns.text]


def for_any_model(columns: Columns, features: Features) -> "ColumnTransformer":
    """Numbers without gaps on one scale, a column of 0 and 1 per category, weights of words."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numeric = Pipeline([("impute", SimpleImputer(strategy=features.impute, keep_empty_features=True))])
    if features.scale:
        numeric.steps.append(("scale", StandardScaler()))
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=features.min_frequency,
        sparse_output=False,
    )
    return ColumnTransformer(
        [
            ("numeric", numeric, columns.numeric),
            ("categorical", _categorical(("one_hot", one_hot)), columns.categorical),
            *((f"text_{name}", _text(features), [name]) for name in columns.text),
        ],
        sparse_threshold=0,
    )


def for_gradient_boosting(columns: Columns, features: Features) -> "ColumnTransformer":
    """Numbers with their gaps and categories as codes, both of which the model splits on natively.

    The codes are columns `len(columns.numeric)` and following: see `estimators.build_pipeline`.
    """
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        min_frequency=features.min_frequency,
        max_categories=255,  # HistGradientBoosting takes no more
    )
    return ColumnTransformer(
        [
            ("numeric", "passthrough", columns.numeric),
            ("categorical", _categorical(("codes", codes)), columns.categorical),
            *((f"text_{name}", _text(features), [name]) for name in columns.text),
        ],
        sparse_threshold=0,
    )


def _categorical(encoder: tuple[str, object]) -> "Pipeline":
    """Put missing values into a category of their own, then encode."""
    from sklearn.pipeline import Pipeline

    return Pipeline([*_fill("missing"), encoder])


def _text(features: Features) -> "Pipeline":
    """Weigh the words of one column; a missing text has no words."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    return Pipeline(
        [
            *_fill(""),
            ("flat", FunctionTransformer(np.ravel)),  # the vectorizer takes one dimension
            ("tfidf", TfidfVectorizer(max_features=features.max_text_features)),
        ]
    )


def _fill(value: str) -> "list[tuple[str, SimpleImputer]]":
    """Replace what is missing, be it pandas' NaN or the None that JSON's null becomes.

    This also makes a column that is missing in every row, which pandas reads as numbers, text again.
    """
    from sklearn.impute import SimpleImputer

    # keep_empty_features: a column may be empty in every training row, too
    fill = {"strategy": "constant", "fill_value": value, "keep_empty_features": True}
    return [("nan", SimpleImputer(**fill)), ("none", SimpleImputer(missing_values=None, **fill))]
