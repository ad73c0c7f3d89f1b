"""The columns of a validated table on its page: what each one is and why, and what it contains."""

from collections.abc import Mapping, Sequence

from ..pages.charts import histogram, ranking
from ..pages.parts import cut, join, small, table
from ..table.roles import Role
from .profile import TOP, Profile

HEAD = ("column", "role", "missing", "different", "values")
SHOWN = 30  # characters of a value that are shown


def columns(roles: Sequence[Role], profiles: Mapping[str, Profile], values: bool) -> str:
    """Write a row for each column.

    Args:
        roles: the roles of the columns.
        profiles: their profiles, by name.
        values: whether their values are shown.
    """
    rows = [_row(role, profiles[role.name], values) for role in roles if role.name in profiles]
    return table(HEAD, rows, numbers=(2, 3), style="cards columns")


def _row(role: Role, profile: Profile, values: bool) -> list[str]:
    doubt = small("; in doubt") if role.doubt else ""
    missing = f"{100 * profile.share:.3g} %" if profile.missing else "0"
    return [
        cut(role.name, 60),
        join([role.role, " ", small(role.reason or "as params.yaml has it"), doubt]),
        join([missing, small(f" {profile.missing:,}")]) if profile.missing else missing,
        f"{'over ' if profile.more else ''}{profile.distinct:,}",
        _values(profile) if values else "",
    ]


def _values(profile: Profile) -> str:
    """Draw how numbers and dates are distributed, or the most frequent categories."""
    if profile.missing == profile.rows:
        return small("empty")
    if profile.low:
        span = profile.low if profile.low == profile.high else f"{profile.low} to {profile.high}"
        drawn = histogram(profile.bins, f"how many values there are from {span}") if profile.bins else ""
        return join([drawn, small(span)])
    if not profile.categories or max(profile.categories.values()) == 1:
        return small("each its own" if profile.distinct == profile.rows - profile.missing else "many")
    present = profile.rows - profile.missing
    top = list(profile.categories.items())[:TOP]
    shares = {cut(value, SHOWN) or "(empty text)": count / present for value, count in top}
    rest = profile.distinct - len(top)
    more = small(f"and {rest:,} more") if rest else ""
    return join([ranking(shares), more])
