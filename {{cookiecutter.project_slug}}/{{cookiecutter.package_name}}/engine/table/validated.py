"""The table as the validate stage leaves it, for the other stages."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..base.files import needed, read_json, write, write_json
from ..base.hashing import file_md5, md5_or_locked
from ..base.paths import EXPECTATIONS, PARAMS, VALIDATED, VALIDATION
from ..blocks.checking import params_error
from ..params import Data, Params
from .files import read_parquet
from .reading import check_columns
from .roles import Role, keep, kept

if TYPE_CHECKING:
    import pandas as pd

MADE_OF = "made_of"  # the attribute of the validated table that says so
CHECKED_BY = "expectations_md5"  # of the file, as DVC goes by it, in what the validation found


def write_validated(frame: "pd.DataFrame", params: Params, found: dict[str, Any]) -> None:
    """Write the table that the other stages read, and what was found; with each what it was made of.

    The md5 of the expectations is with what was found: in the table, it would have DVC train again after an
    edit of theirs that the same rows meet.
    """
    frame.attrs[MADE_OF] = made_of(params.data)
    keep(frame, [Role(role.name, role.role) for role in kept(frame)])  # another reason is no other table
    write_table(lambda path: frame.to_parquet(path, index=False), found)


def write_table(writer: Callable[[Path], object], found: dict[str, Any]) -> None:
    """Write the same by a function that writes the table's file, or its folder."""
    write(VALIDATED, writer)
    write_json(VALIDATION, {**found, CHECKED_BY: file_md5(EXPECTATIONS)})


def read_validated(params: Params) -> "pd.DataFrame":
    """Read the rows that have a target from the table the validate stage wrote.

    Raises:
        UserError: the stage has not run, or not on the current data, expectations and parameters; something
            else has written the file, or params.yaml names a column the table lacks.
    """
    try:
        frame = read_parquet(needed(VALIDATED, "validate"))
    except (OSError, ValueError) as error:  # pyarrow's own are ValueErrors
        raise unreadable(error) from None
    check_validated(frame, params)
    unlabelled = frame[params.data.target].isna()
    labelled = frame[~unlabelled].reset_index(drop=True) if unlabelled.any() else frame
    if labelled.empty:
        raise params_error(("data", "target"), f"no row of {VALIDATED} has a value in {params.data.target!r}")
    return labelled


def unreadable(error: Exception) -> UserError:
    """Make the error for a table that cannot be read."""
    reason = f"cannot be read as a table: {first_line(error)}"
    return UserError(f"{VALIDATED}: {reason}; `dvc repro validate` makes it again")


def check_validated(frame: "pd.DataFrame", params: Params) -> None:
    """Check that a table was made of the current data, expectations and parameters, and forget what of.

    Args:
        frame: the validated table, or its header.
        params: the current parameters.

    Raises:
        UserError: it was not; or params.yaml names a column that it lacks.
    """
    was, now = frame.attrs.pop(MADE_OF, {}), made_of(params.data)
    names = {"md5": str(params.data.path), "data": f"block `data` of {PARAMS}"}
    if changed := " and ".join(names[key] for key in now if was.get(key) != now[key]):
        raise UserError(f"{VALIDATED}: not made from the current {changed}; run `dvc repro validate` first")
    check_validation()
    # what is dropped need not be there: it may be what no cell can hold
    check_columns(params, [*dict.fromkeys([*frame.columns, *params.data.columns.drop])], VALIDATED)


def check_validation() -> None:
    """Check that the data was validated by the current expectations.

    Raises:
        UserError: they were not.
    """
    if read_json(VALIDATION, "validate").get(CHECKED_BY) != file_md5(EXPECTATIONS):
        raise UserError(f"{VALIDATED}: not checked by the current {EXPECTATIONS}; run `dvc repro validate`")


def made_of(data: Data) -> dict[str, Any]:
    """Describe what the table is made of: DVC's md5 of the raw table, and what its columns are.

    The data engine makes no difference.
    """
    columns = data.model_dump(mode="json", exclude={"path", "engine"})
    return {"md5": md5_or_locked(data.path), "data": columns}
