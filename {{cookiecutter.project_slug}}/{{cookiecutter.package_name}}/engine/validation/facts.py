"""What is reported about a validated table, whichever data engine has checked it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base import progress
from ..params import Data, Params
from ..table import roles, target
from ..table.description import Description
from ..table.doubted import doubted
from ..table.roles import Role
from ..table.validated import write_table, write_validated
from .profile import Profile

if TYPE_CHECKING:
    import pandas as pd

    from ..table.in_parts import InParts


@dataclass(frozen=True)
class Facts:
    """What there is to say about a table.

    Attributes:
        rows: how many rows it has.
        raw: what the file holds.
        roles: the roles of its columns.
        profiles: the profiles of its typed columns.
        lacking: how many rows have no target.
        check_target: raises a UserError if too many rows have no target, or if it does not suit the project's
            task.
        write: writes the table for the other stages, and what was found.
    """

    rows: int
    raw: Description
    roles: list[Role]
    profiles: Mapping[str, Profile]
    lacking: int
    check_target: Callable[[], None]
    write: Callable[[dict[str, Any]], None]

    @classmethod
    def of(cls, raw: "pd.DataFrame | InParts", table: "pd.DataFrame | InParts", params: Params) -> "Facts":
        """Look at a table.

        Args:
            raw: the table as it was read.
            table: the same, typed and checked.
            params: they name its target.
        """
        import pandas as pd

        if isinstance(raw, pd.DataFrame) and isinstance(table, pd.DataFrame):
            return _of_frame(raw, table, params)
        return _of_parts(table, params.data)


def _of_frame(raw: "pd.DataFrame", table: "pd.DataFrame", params: Params) -> Facts:
    data = params.data

    def check_target() -> None:
        target.check_share(table, data)
        target.check_target(raw, table, data)

    return Facts(
        rows=len(table),
        raw=Description.of(raw),
        roles=roles.kept(table),
        profiles=_profiles(table),
        lacking=target.count_without(table, data),
        check_target=check_target,
        write=lambda found: write_validated(table, params, found),
    )


def _profiles(table: "pd.DataFrame") -> dict[str, Profile]:
    """Look at each column."""
    profiles: dict[str, Profile] = {}
    with progress.working(f"describing {len(table):,} rows"):
        progress.tell(lambda: f"{len(profiles)} of {len(table.columns)} columns")
        for name in table.columns:
            profiles[str(name)] = Profile.of(table[name])
    return profiles


def _of_parts(table: Any, data: Data) -> Facts:
    checked = table.checked
    profile = checked.profiles[data.target]
    sample = checked.sample
    words = (
        target.doubt_of_cells(sample[data.target], data)
        if data.task == "regression"
        else target.doubt_of_counts(profile.categories, data)
    )

    def check_target() -> None:
        target.check_lacking(profile.missing, table.rows, words, data)
        target.check_values(checked.target, table.rows - profile.missing, checked.cells, data)

    return Facts(
        rows=table.rows,
        raw=checked.raw,
        roles=[doubted(role, sample, words, data, numbered=False) for role in table.roles],
        profiles=checked.profiles,
        lacking=profile.missing,
        check_target=check_target,
        write=lambda found: write_table(table.move, found),
    )
