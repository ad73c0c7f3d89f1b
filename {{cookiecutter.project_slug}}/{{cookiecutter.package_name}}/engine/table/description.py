"""What kind of table it is, without its rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Description:
    """A table's size and columns.

    Attributes:
        rows: how many rows it has.
        types: the types of each column, by MLflow's names: boolean, long, double, datetime, string.
        complete: the columns that lack no value.
    """

    rows: int
    types: dict[str, str]
    complete: frozenset[str]

    @classmethod
    def of(cls, frame: "pd.DataFrame") -> "Description":
        """Describe a table by the types of its columns; MLflow itself would look at each cell in Python."""
        types = {str(name): _type(frame[name]) for name in frame.columns}
        return cls(len(frame), types, frozenset(name for name in types if not frame[name].hasnans))


def _type(column: "pd.Series[Any]") -> str:
    from pandas.api import types

    if types.is_bool_dtype(column):
        return "boolean"
    if types.is_integer_dtype(column):
        return "long"
    if types.is_datetime64_any_dtype(column):
        return "datetime"
    return "double" if types.is_numeric_dtype(column) else "string"
