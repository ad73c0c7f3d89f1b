"""Giving cells of new rows the types of their roles, which do not depend on the other rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..table.cells import same_value
from ..table.types import to_types
from .expected import Expected

if TYPE_CHECKING:
    import pandas as pd


def typed(raw: "pd.DataFrame", expected: Expected) -> "pd.DataFrame":
    """Give n rows the types of their roles.

    In training, the spelling of numbers in a column of text follows from all its cells. Here it follows from
    what the model knows: in rows that only hold `1.0`, it would otherwise become `1`, which may be another
        category.

    Args:
        raw: at least the columns that the model takes, as `table.parts` reads them.
        expected: what they have to be like.

    Returns:
        n rows x the columns that the model takes.
    """
    words = [
        name
        for name, role in expected.roles.items()
        if role in ("categorical", "text") and raw[name].dtype == "str"
    ]
    roles = [role for role in expected.roles_of() if role.name not in words]
    table = to_types(raw[[role.name for role in roles]], expected.data, roles)
    table[words] = raw[words]
    for name, known in expected.spellings.items():
        if name not in expected.roles:
            continue
        table[name] = _spelled(table[name], known)
    return table[list(expected.roles)]


def _spelled(column: "pd.Series[Any]", known: Mapping[str, str]) -> "pd.Series[Any]":
    """Spell n categories as the model does.

    Args:
        column: text.
        known: see `table.spelling.spellings`.
    """
    words = {word: known.get(same_value(word) or word, word) for word in column.dropna().unique()}
    changed = any(word != spelled for word, spelled in words.items())
    return column.map(words).astype("str") if changed else column
