"""The table: as it came, with a type for each column, and as the validate stage left it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import ahead
from ..base.blocks import params_error
from ..base.errors import UserError, first_line
from ..base.files import needed, read_json, write, write_json
from ..base.hashing import file_md5, md5_or_locked
from ..base.paths import EXPECTATIONS, PARAMS, VALIDATED, VALIDATION
from ..base.yaml import nearest
from ..params import Columns, Data, Params
from .cells import as_text
from .roles import Role, decide

if TYPE_CHECKING:
    import pandas as pd

MADE_OF = "made_of"  # the attribute of the validated table that says so
CHECKED_BY = "expectations_md5"  # of the file, as DVC goes by it, in what the validation found
FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1


def begin_to_read(params: Params) -> None:
    """Begin to read the raw table, for a `read_raw` with equal parameters in this process."""
    ahead.begin(_key(params), lambda: _read_raw(params))


def read_raw(params: Params) -> "pd.DataFrame":
    """Read the raw table (CSV or parquet), every row and column, text as it is written.

    Columns that hold names rather than amounts are read as text, so that `007` stays `007`.

    Raises:
        UserError: the file is missing or no table, or params.yaml names a column it lacks.
    """
    return ahead.take(_key(params), lambda: _read_raw(params))


def _key(params: Params) -> tuple[str, str]:
    return "raw table", params.model_dump_json()


def _read_raw(params: Params) -> "pd.DataFrame":
    data = params.data
    try:
        if data.path.suffix.lower() == ".parquet":
            raw = _read_parquet(data.path)
            raw = raw.reset_index(drop=raw.index.name is None)
        else:
            raw = _read_csv(data)
    except FileNotFoundError:
        raise UserError(f"{data.path}: no such file; `dvc pull` fetches what DVC tracks") from None
    except (OSError, ValueError) as error:  # pandas' own errors and UnicodeDecodeError are ValueErrors
        raise UserError(f"{data.path}: cannot be read as a table: {first_line(error)}") from None
    check_columns(params, list(raw.columns), data.path)
    return raw


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


def write_validated(frame: "pd.DataFrame", params: Params, found: dict[str, Any]) -> None:
    """Write the table that the other stages read, and what was found; with each what it was made of.

    The md5 of the expectations is with what was found: in the table, it would have DVC train again after an
    edit of theirs that the same rows meet.
    """
    frame.attrs[MADE_OF] = _made_of(params)
    write(VALIDATED, lambda path: frame.to_parquet(path, index=False))
    write_json(VALIDATION, {**found, CHECKED_BY: file_md5(EXPECTATIONS)})


def read_validated(params: Params) -> "pd.DataFrame":
    """Read the rows that have a target from the table the validate stage wrote.

    Raises:
        UserError: the stage has not run, or not on the data, expectations and parameters of now; something
            else has written the file, or params.yaml names a column the table lacks.
    """
    try:
        frame = _read_parquet(needed(VALIDATED, "validate"))
    except (OSError, ValueError) as error:  # pyarrow's own are ValueErrors
        reason = f"cannot be read as a table: {first_line(error)}"
        raise UserError(f"{VALIDATED}: {reason}; `dvc repro validate` makes it anew") from None
    was, now = frame.attrs.pop(MADE_OF, {}), _made_of(params)
    names = {"md5": str(params.data.path), "data": f"the block `data` of {PARAMS}"}
    if changed := " and ".join(names[key] for key in now if was.get(key) != now[key]):
        raise UserError(f"{VALIDATED}: not made of {changed} as of now; run `dvc repro validate` first")
    check_validation()
    check_columns(params, list(frame.columns), VALIDATED)
    unlabelled = frame[params.data.target].isna()
    labelled = frame[~unlabelled].reset_index(drop=True) if unlabelled.any() else frame
    if labelled.empty:
        raise params_error(("data", "target"), f"no row of {VALIDATED} has a value in {params.data.target!r}")
    return labelled


def check_validation() -> None:
    """Check that the data were validated by the expectations of now.

    Raises:
        UserError: they were not.
    """
    if read_json(VALIDATION, "validate").get(CHECKED_BY) != file_md5(EXPECTATIONS):
        raise UserError(f"{VALIDATED}: not checked by the {EXPECTATIONS} of now; run `dvc repro validate`")


def check_columns(params: Params, names: list[str], table: Path) -> None:
    """Check every column that params.yaml names against the columns of a table.

    Raises:
        UserError: a line for every name that is no column.
    """
    data, columns = params.data, params.data.columns
    named: list[tuple[tuple[str | int, ...], str]] = [(("data", "target"), data.target)]
    for role in Columns.model_fields:
        named += [(("data", "columns", role, i), n) for i, n in enumerate(getattr(columns, role))]
    named += [(("data", "units", name), name) for name in data.units]
    named += [(("data", "missing_in", name), name) for name in data.missing_in]
    if data.weight is not None:
        named.append((("data", "weight"), data.weight))
    if params.split.stratify is not None:
        named.append((("split", "stratify"), params.split.stratify))
    named += [(("evaluate", "groups", i), name) for i, name in enumerate(params.evaluate.groups)]
    errors = [
        str(params_error(key, f"{table} has no column {name!r}; {nearest(name, names)}"))
        for key, name in named
        if name not in names
    ]
    if errors:
        raise UserError("\n".join(errors))


def _made_of(params: Params) -> dict[str, Any]:
    """Describe what the table is made of: DVC's md5 of the raw table, and what its columns are."""
    columns = params.data.model_dump(mode="json", exclude={"path"})
    return {"md5": md5_or_locked(params.data.path), "data": columns}


def _text_columns(data: Data) -> list[str]:
    columns = data.columns
    target = [data.target] if data.task == "classification" else []
    return [*columns.categorical, *columns.text, *columns.id, *target]


def _read_parquet(path: Path) -> "pd.DataFrame":
    """Read a parquet file column by column, so that no more than one of them is in memory twice.

    Through pandas' own function, a table of two million rows took twice the time and a third more memory.
    """
    from pyarrow import default_memory_pool
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, buffer_size=2**20) as file:
        frame: pd.DataFrame = file.read().to_pandas(split_blocks=True, self_destruct=True)
    default_memory_pool().release_unused()
    return frame


def _read_csv(data: Data) -> "pd.DataFrame":
    """Read a CSV file, refusing what pandas would silently put right in its own way.

    Raises:
        ValueError: the file is no CSV, has a column twice, or rows longer than its header.
    """
    import pandas as pd

    # with a second line, since pandas takes a first cell too many in it for the row's name
    header = pd.read_csv(data.path, header=None, nrows=2, dtype="str").iloc[0].tolist()
    if len(header) == 1 and re.search(r"[;\t|]", str(header[0])):
        raise ValueError(f"columns are separated by commas, but the first line is {str(header[0])[:60]!r}")
    if twice := sorted({str(name) for name in header if header.count(name) > 1}):
        raise ValueError(f"it has more than one column {', '.join(twice)}")
    types = dict.fromkeys(_text_columns(data), "str")
    return pd.read_csv(data.path, dtype=types, low_memory=False)  # a column's type by all its rows
