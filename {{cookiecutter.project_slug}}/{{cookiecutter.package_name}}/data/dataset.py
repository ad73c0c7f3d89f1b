"""The validated rows that have a target: what of them is asked for is read, or divided, once."""

from functools import cached_property
from typing import TYPE_CHECKING

from ..params import Columns, Params
from .split import train_and_test
from .table import infer_roles, read_validated

if TYPE_CHECKING:
    import pandas as pd


class Dataset:
    """The table of the validate stage, as the parameters divide it.

    Every property may raise the UserError of `table.read_validated` or `split.train_and_test`.
    """

    def __init__(self, params: Params) -> None:
        """Read nothing yet."""
        self._params = params

    @cached_property
    def rows(self) -> "pd.DataFrame":
        """All n rows, all columns."""
        return read_validated(self._params)

    @cached_property
    def columns(self) -> Columns:
        """The role of each column."""
        return infer_roles(self.rows, self._params.data)

    @cached_property
    def _sides(self) -> "tuple[pd.DataFrame, pd.DataFrame]":
        return train_and_test(self.rows, self._params.split, self.columns.id)

    @property
    def train(self) -> "pd.DataFrame":
        """The rows to learn from, all columns."""
        return self._sides[0]

    @property
    def test(self) -> "pd.DataFrame":
        """The rows to judge by, all columns."""
        return self._sides[1]
