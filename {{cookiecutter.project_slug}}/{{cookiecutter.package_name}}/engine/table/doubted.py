"""What is in doubt about a column, whatever its role: its cells, or that it nearly equals the target."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..params import Data
from .leaks import all_but_equals
from .roles import LEAK, Role
from .sentinels import doubt_of_numbers
from .variants import doubt_of_categories

if TYPE_CHECKING:
    import pandas as pd

FEATURES = ("numeric", "categorical", "date", "text")


def doubted(role: Role, rows: "pd.DataFrame", of_target: str, data: Data, numbered: bool) -> Role:
    """Add to a role what is in doubt.

    Args:
        role: the role of a column.
        rows: n of the table, as they were read or typed.
        of_target: what is in doubt about the target's cells, from `target.doubt_of_cells`.
        data: the block with the target.
        numbered: whether the index of the rows numbers those of the table.
    """
    if role.name == data.target:
        return replace(role, doubt=of_target, remedy=None)
    cells = rows[role.name]
    if role.role in FEATURES and all_but_equals(cells, rows[data.target], data):
        return replace(role, doubt=LEAK, remedy=None)
    found = ""
    if role.role in ("numeric", "weight"):
        found = doubt_of_numbers(cells, data)
    elif role.role == "categorical" and not role.doubt:
        found = doubt_of_categories(cells, numbered)
    return replace(role, doubt="; also ".join(filter(None, [role.doubt, found]))) if found else role
