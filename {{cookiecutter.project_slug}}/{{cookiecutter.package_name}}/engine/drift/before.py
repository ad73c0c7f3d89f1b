"""What new rows are compared with: the columns as a model knows them, or those of another file."""

from typing import TYPE_CHECKING, Any

from ..params import Params
from .column import FEATURE, TARGET, Before
from .reference import Reference, lengths, of_categories, of_dates, of_numbers, of_texts

if TYPE_CHECKING:
    import pandas as pd


def of_known(known: dict[str, Any], time: str | None) -> list[Before]:
    """Return the columns that a model takes, and its target.

    Args:
        known: from `tracking.columns.known_of`.
        time: the column that the rows are ordered by, if there is one.
    """
    columns = [(column, FEATURE) for column in known["inputs"]] + [(known["target"], TARGET)]
    return [
        Before(
            column["name"],
            kind,
            column["role"],
            known["rows"],
            column["missing"],
            Reference(**column["reference"]) if "reference" in column else None,
            column.get("unit", ""),
            column["role"] == "date" or column["name"] == time,
        )
        for column, kind in columns
    ]


def of_table(table: "pd.DataFrame", roles: dict[str, str], params: Params) -> list[Before]:
    """Return the columns of n rows of another file.

    Args:
        table: each column with the type of its role.
        roles: of the features.
        params: names the target, which may be among the columns.
    """
    target, units = params.data.target, params.data.units
    kinds = dict.fromkeys(roles, FEATURE) | ({target: TARGET} if target in table.columns else {})
    return [
        Before(
            name,
            kind,
            roles.get(name, TARGET),
            len(table),
            int(table[name].isna().sum()),
            _reference(table[name], roles.get(name, TARGET)),
            units.get(name, ""),
            roles.get(name) == "date" or name == params.split.time,
        )
        for name, kind in kinds.items()
    ]


def comparable(values: "pd.Series[Any]", before: Before) -> "pd.Series[Any]":
    """Return what is counted of a column's values: of text, its length."""
    return lengths(values) if before.role == "text" else values


def _reference(values: "pd.Series[Any]", role: str) -> Reference | None:
    if role == "text":
        return of_texts(values)
    if values.dtype.kind == "M":
        return of_dates(values)
    return (
        of_numbers(values.to_numpy()) if values.dtype == "float64" else of_categories(values.value_counts())
    )
