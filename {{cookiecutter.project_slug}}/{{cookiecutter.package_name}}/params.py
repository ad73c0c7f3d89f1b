"""The parameters in params.yaml that are yours; the other blocks are the engine's."""

from typing import Literal

from pydantic import Field

from .engine import params
from .engine.params import Block


class Features(Block):
    """How columns become numbers, for models that take neither missing values nor categories."""

    impute: Literal["mean", "median", "most_frequent"] = "median"
    scale: bool = True
    min_frequency: int = Field(default=1, ge=1)
    text: str = "tfidf"
    max_text_features: int = Field(default=1000, ge=1)


class Params(params.Params):
    """The whole of params.yaml."""

    features: Features = Features()


def load_params() -> Params:
    """Read params.yaml in the current folder.

    Raises:
        UserError: a line for every mistake: a typo, a wrong type or value, a key given twice.
    """
    return params.read_params(Params)
