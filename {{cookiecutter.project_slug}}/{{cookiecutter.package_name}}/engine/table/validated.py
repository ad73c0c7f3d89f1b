"""The table that the validate stage writes for the other stages."""

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

MADE_OF = "made_of"  # the attribute of the validated table that says what it was made from
CHECKED_BY = "expectations_md5"  # the key, in what the validation found, of DVC's md5 of the expectations


def write_validated(frame: "pd.DataFrame", params: Params, found: dict[str, Any]) -> None:
    """Write the table that the other stages read, and what was found; each says what it was made from.

    The md5 of the expectations is in what was found. In the table, it would make DVC train again after an
    edit of the expectations, even if the same rows meet them.
    """
    frame.attrs[MADE_OF] = made_of(params.data)
    # a different reason does not make a different table
    keep(frame, [Role(role.name, role.role) for role in kept(frame)])
    write_table(lambda path: frame.to_parquet(path, index=False), found)


def write_table(writer: Callable[[Path], object], found: dict[str, Any]) -> None:
    """Write the same, with a function that writes the table's file or folder."""
    write(VALIDATED, writer)
    write_json(VALIDATION, {**found, CHECKED_BY: file_md5(EXPECTATIONS)})


def read_validated(params: Params) -> "pd.DataFrame":
    """Read the rows that have a target from the table the validate stage wrote.

    Raises:
        UserError: the stage has not run, or not on the current data, expectations and parameters; another
            program has written the file; or params.yaml names a column that the table lacks.
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
    """Check that a table was made from the current data, expectations and parameters, and drop this record.

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
    # a dropped column need not be there: its values may be ones that cannot be cells
    check_columns(params, [*dict.fromkeys([*frame.columns, *params.data.columns.drop])], VALIDATED)


def check_validation() -> None:
    """Check that the data was validated with the current expectations.

    Raises:
        UserError: it was not.
    """
    if read_json(VALIDATION, "validate").get(CHECKED_BY) != file_md5(EXPECTATIONS):
        raise UserError(f"{VALIDATED}: not checked by the current {EXPECTATIONS}; run `dvc repro validate`")


def made_of(data: Data) -> dict[str, Any]:
    """Describe what the table is made from: DVC's md5 of the raw table, and what its columns are.

    The data engine makes no difference.
    """
    columns = data.model_dump(mode="json", exclude={"path", "engine"})
    return {"md5": md5_or_locked(data.path), "data": columns}
