"""The type of each column of the table, by its role."""

from typing import TYPE_CHECKING

from ..params import Data
from .cells import as_text
from .roles import Role, decide

if TYPE_CHECKING:
    import pandas as pd


def to_types(raw: "pd.DataFrame", data: Data, roles: list[Role] | None = None) -> "pd.DataFrame":
    """Make every column float64 or text, as its role says.

    A column of whole numbers is float64, too: otherwise its type, and with it the model's
    signature and the split, would change on the day its first missing value arrives.

    Args:
        raw: from `read_raw`.
        data: the target's task.
        roles: of the columns; None: as `roles.decide` has them.

    Returns:
        The table, n rows x m columns; what is missing, or no number where there should be one, is NaN.
    """
    import pandas as pd

    numbers = [role.name for role in roles or decide(raw, data) if _is_number(role, raw, data)]
    frame = as_text(raw[[name for name in raw.columns if name not in numbers]])
    for name in numbers:
        column = pd.to_numeric(raw[name], errors="coerce").astype("float64")
        infinite = column.abs() == float("inf")
        frame[name] = column.mask(infinite) if infinite.any() else column
    return frame[list(raw.columns)]


def _is_number(role: Role, raw: "pd.DataFrame", data: Data) -> bool:
    if role.role == "target":
        return data.task == "regression"
    if role.role == "drop":  # as it is read
        from pandas.api import types

        return types.is_numeric_dtype(raw[role.name]) and not types.is_bool_dtype(raw[role.name])
    return role.role in ("numeric", "weight")
