"""The questions about the cells of a column from which its kind is inferred."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from pandas.api import types

from .numbers import read_numbers
from .remedy import Remedy

# in a table with fewer rows, nearly any column has one value, or a different one in each row
FEW_ROWS = 20
# with so many different values per cell, they name the rows: for example 1,807 in 1,900 rows
OWN_VALUES = 0.9
# up to so many values, a column of ids names groups of rows
GROUPS = 50
SAMPLE = 20_000  # cells that are enough to see what they look like

ID = re.compile(
    r"(?i:unnamed: ?\d+|index|id|identifier|key|uuid|guid|row[ _]?(names?|id|no|number))"
    r"|(?i:.*[_ .-](id|key|uuid))"
    r"|.*[a-z]I[dD]"
)
ID_OR_DROP = "put it into data.columns.id, if rows that share a value belong together, or into drop"


@dataclass(frozen=True)
class Inferred:
    """What a column is taken for.

    Attributes:
        role: one of `params.Columns`.
        reason: why, in plain words.
        doubt: what may be wrong with it, and what to write; empty if nothing may.
        remedy: what to write, as values; None if a person has to decide that.
    """

    role: str
    reason: str
    doubt: str = ""
    remedy: Remedy | None = None


class Cells:
    """The cells of a column that are not empty, and what several questions need to know about them."""

    def __init__(
        self, column: "pd.Series[Any]", decimal: str, thousands: str | None, unit: str | None
    ) -> None:
        """Take n cells, and how numbers are written according to params.yaml."""
        self.name, self.rows = str(column.name), len(column)
        self.present = column.dropna()
        self.decimal, self.thousands, self.unit = decimal, thousands, unit

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.present)

    @cached_property
    def is_number(self) -> bool:
        """Whether each is a number by its type, not by how it is written."""
        return types.is_numeric_dtype(self.present) and not types.is_bool_dtype(self.present)

    @cached_property
    def sample(self) -> "pd.Series[Any]":
        """Some of the cells, from all over the table."""
        return self.present.iloc[:: max(1, len(self) // SAMPLE)]

    @cached_property
    def distinct(self) -> int:
        """How many different cells there are."""
        return int(self.present.nunique())

    @cached_property
    def numbers(self) -> "pd.Series[Any]":
        """Each cell as a number; NaN if it is not one."""
        return self.read_numbers(self.present)

    def read_numbers(self, cells: "pd.Series[Any]") -> "pd.Series[Any]":
        """Read some of the cells as numbers."""
        return read_numbers(cells, self.decimal, self.thousands, self.unit)

    @property
    def counted(self) -> str:
        """How many different cells there are, in words."""
        return f"{self.distinct:,} different values in {len(self):,} cells"

    def differ(self, least: float) -> bool:
        """Tell whether there are this many different values per cell, or more, in more than a few rows."""
        return len(self) >= FEW_ROWS and self.distinct >= least * len(self)
