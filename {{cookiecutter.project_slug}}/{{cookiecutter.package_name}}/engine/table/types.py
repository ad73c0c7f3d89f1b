"""The type of each column of the table, by its role."""

from typing import TYPE_CHECKING, overload

from ..base import progress
from ..params import Data
from .cells import as_written
from .dates import read_dates
from .numbers import read_numbers
from .roles import Role, decide, keep

if TYPE_CHECKING:
    import pandas as pd

    from .in_parts import InParts


@overload
def to_types(raw: "pd.DataFrame", data: Data, roles: list[Role] | None = None) -> "pd.DataFrame": ...


@overload
def to_types(raw: "InParts", data: Data, roles: None = None) -> "InParts": ...


def to_types(
    raw: "pd.DataFrame | InParts", data: Data, roles: list[Role] | None = None
) -> "pd.DataFrame | InParts":
    """Make every column float64, datetime64 or text, as its role says.

    A column of whole numbers is float64, too: otherwise its type, and with it the model's signature and the
    split, would change on the day when its first missing value arrives.

    Args:
        raw: the table from `read_raw`.
        data: the target's task, and how numbers and dates are written.
        roles: the columns' roles; None if `roles.decide` is to decide them.

    Returns:
        The table, n rows x m columns; a cell that is missing, or is not a number or date where one should be,
        is NaN. A table in parts is returned as it is: its parts get their types where they are checked.
    """
    import pandas as pd

    if not isinstance(raw, pd.DataFrame):
        return raw
    if roles is not None:  # as with each request to a server
        return _typed(raw, data, roles)
    with progress.working(f"giving {len(raw):,} rows their types"):
        return _typed(raw, data, decide(raw, data))


def _typed(raw: "pd.DataFrame", data: Data, roles: list[Role]) -> "pd.DataFrame":
    numbers = [role.name for role in roles if _is_number(role, raw, data)]
    dates = [role.name for role in roles if role.role == "date" or role.name in data.date_formats]
    import pandas as pd

    others = as_written(raw[[name for name in raw.columns if name not in {*numbers, *dates}]])
    columns = {str(name): column for name, column in others.items()}
    point, thousands = data.format.decimal, data.format.thousands
    for name in numbers:
        columns[name] = read_numbers(raw[name], point, thousands, data.units.get(name))
    for name in dates:
        columns[name] = read_dates(raw[name], data.date_formats.get(name))
    # all columns at once: if they are added one by one to a wide table, pandas warns, and is slow
    frame = pd.DataFrame({name: columns[name] for name in raw.columns}, raw.index, copy=False)
    keep(frame, roles)
    return frame


def _is_number(role: Role, raw: "pd.DataFrame", data: Data) -> bool:
    if role.role == "target":
        return data.task == "regression"
    if role.role == "drop":  # as it is read
        from pandas.api import types

        return types.is_numeric_dtype(raw[role.name]) and not types.is_bool_dtype(raw[role.name])
    return role.role in ("numeric", "weight")
