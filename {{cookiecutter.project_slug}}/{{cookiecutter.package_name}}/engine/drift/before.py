"""What new rows are compared with: the columns as a model knows them, or those of another file."""

from typing import TYPE_CHECKING, Any

from ..params import Params
from .column import FEATURE, TARGET, Before
from .reference import Reference, lengths, of_categories, of_dates, of_numbers, of_texts
from .sample import Sampled

if TYPE_CHECKING:
    import pandas as pd


def of_known(known: dict[str, Any], time: str | None) -> list[Before]:
    """Return the columns that a model takes, and its target.

    Args:
        known: what `tracking.columns.known_of` returns.
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


def of_file(sampled: Sampled, roles: dict[str, str], params: Params) -> list[Before]:
    """Return the columns of the rows of another file.

    Args:
        sampled: a sample of them, in which each column has the type of its role.
        roles: the roles of the features.
        params: they name the target, which may be among the columns.
    """
    target, units = params.data.target, params.data.units
    kinds = dict.fromkeys(roles, FEATURE) | ({target: TARGET} if target in sampled.rows.columns else {})
    return [
        Before(
            name,
            kind,
            roles.get(name, TARGET),
            sampled.count,
            sampled.missing[name],
            _reference(name, roles.get(name, TARGET), sampled),
            units.get(name, ""),
            roles.get(name) == "date" or name == params.split.time,
        )
        for name, kind in kinds.items()
    ]


def comparable(values: "pd.Series[Any]", before: Before) -> "pd.Series[Any]":
    """Return what is counted for a column's values: for text, its length."""
    return lengths(values) if before.role == "text" else values


def _reference(name: str, role: str, sampled: Sampled) -> Reference | None:
    values = sampled.rows[name]
    if role == "text":
        return of_texts(values)
    if values.dtype.kind == "M":
        return of_dates(values)
    if values.dtype == "float64":
        return of_numbers(values.to_numpy())
    return of_categories(sampled.categories[name])
