"""Where the split puts rows of a table that are equal in everything but the target."""

from ..split.equal import are_equal_by_chance, equal_to_earlier
from ..split.identity import Identity
from .decisions import Decisions

TOGETHER, APART = "together", "apart"  # values of `split.duplicates`


def duplicates(decisions: Decisions) -> tuple[str, str]:
    """Decide whether the split keeps such rows together.

    Returns:
        The value of `split.duplicates`, and the reason; it is empty if all rows differ or have ids.
    """
    data, table = decisions.source.data, decisions.table
    names = [str(name) for name in table.columns if name != data.target]
    if data.columns.id or not names:
        return TOGETHER, ""
    rows, identity = table[table[data.target].notna()], Identity(names, by_id=False)
    keys = identity.keys(rows)
    if not (equal := equal_to_earlier(keys)):
        return TOGETHER, ""
    seen = f"{equal} of {len(rows)} rows equal an earlier one in all but {data.target!r}"
    if are_equal_by_chance(rows, identity, keys):
        return APART, f"{seen}, by chance, since there are few combinations of values: each row by itself"
    return TOGETHER, f"{seen}: on one side of the split, as a copy must be"
