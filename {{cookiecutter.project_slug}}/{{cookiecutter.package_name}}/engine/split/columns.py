"""The role of each column, with what the split adds: a column that is only for groups is not a feature."""

from typing import TYPE_CHECKING

from ..params import Columns, Params
from ..table.roles import infer_roles

if TYPE_CHECKING:
    import pandas as pd


def columns_of(frame: "pd.DataFrame", params: Params) -> Columns:
    """Return the roles of a table's columns; a column of `split.groups` that is in no list has no role.

    Args:
        frame: the validated table.
        params: the parameters with the lists and the groups.
    """
    columns, listed = infer_roles(frame, params.data), params.data.columns
    lists = {
        role: [
            name
            for name in getattr(columns, role)
            if name not in params.split.groups or name in getattr(listed, role)
        ]
        for role in Columns.model_fields
    }
    return columns.model_copy(update=lists)
