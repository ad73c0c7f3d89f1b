"""What is asked about the cells of a column, and what kind of column the answers make it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from pandas.api import types

from .numbers import read_numbers
from .remedy import Remedy

# in a table of fewer rows nearly any column has one value, or another one in each row
FEW_ROWS = 20
# different values per cell from which they name the rows, as 1,807 in 1,900 rows do
OWN_VALUES = 0.9
# values of a column of ids up to which they name groups of rows
GROUPS = 50
SAMPLE = 20_000  # cells that suffice to see what they look like

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
        reason: why, in a person's words.
        doubt: what may be wrong with it, and what to write; empty if nothing.
        remedy: what to write, as values; None if that is for a person to decide.
    """

    role: str
    reason: str
    doubt: str = ""
    remedy: Remedy | None = None


class Cells:
    """The cells of a column that are not empty, and what several questions ask of them."""

    def __init__(
        self, column: "pd.Series[Any]", decimal: str, thousands: str | None, unit: str | None
    ) -> None:
        """Take n cells, and how numbers are declared to be written."""
        self.name, self.rows = str(column.name), len(column)
        self.present = column.dropna()
        self.decimal, self.thousands, self.unit = decimal, thousands, unit

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.present)

    @cached_property
    def is_number(self) -> bool:
        """Whether each is a number by its type, and not by what is written."""
        return types.is_numeric_dtype(self.present) and not types.is_bool_dtype(self.present)

    @cached_property
    def sample(self) -> "pd.Series[Any]":
        """Some of them, from all over the table."""
        return self.present.iloc[:: max(1, len(self) // SAMPLE)]

    @cached_property
    def distinct(self) -> int:
        """How many different ones there are."""
        return int(self.present.nunique())

    @cached_property
    def numbers(self) -> "pd.Series[Any]":
        """Each as a number; NaN if it is not one."""
        return self.read_numbers(self.present)

    def read_numbers(self, cells: "pd.Series[Any]") -> "pd.Series[Any]":
        """Read some of them as numbers."""
        return read_numbers(cells, self.decimal, self.thousands, self.unit)

    @property
    def counted(self) -> str:
        """How many different ones there are, in words."""
        return f"{self.distinct:,} different values in {len(self):,} cells"

    def differ(self, least: float) -> bool:
        """Tell whether there are this many different values per cell, or more, in more than a few rows."""
        return len(self) >= FEW_ROWS and self.distinct >= least * len(self)
