"""The table as it is in its file, with every row and column."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import ahead, progress
from ..base.errors import UserError, first_line
from ..base.yaml import nearest
from ..blocks.checking import params_error
from ..params import Columns, Params
from .files import read_file
from .types import to_types as to_types  # projects of the first versions import it from here

if TYPE_CHECKING:
    import pandas as pd

    from .in_parts import InParts

FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1


def begin_to_read(params: Params) -> None:
    """Begin to read the raw table, for a later `read_raw` with equal parameters in this process."""
    ahead.begin(_key(params), lambda: _read(params))


def read_raw(params: Params) -> "pd.DataFrame | InParts":
    """Read the raw table, as `read_whole` does; with the data engine Spark, write it in parts.

    Raises:
        UserError: for the same reasons as `read_whole`; or Spark is not available, or needs the role of a
            column.
    """
    with progress.working(f"reading {params.data.path}"):
        return ahead.take(_key(params), lambda: _read(params))


def read_whole(params: Params) -> "pd.DataFrame":
    """Read the raw table, every row and column: text as it is written, missing cells as NaN.

    A column of CSV is float64 if it holds only numbers and is not listed as something else; a column of ids
    such as 00012 stays text.

    Raises:
        UserError: the file is missing or is not a table, or params.yaml names a column that it lacks.
    """
    path = params.data.path
    with _reading(path):
        raw, names = read_file(params.data)
    if raw.empty:
        raise UserError(f"{path}: has no rows")
    check_columns(params, names, path)
    return raw


def _key(params: Params) -> tuple[str, str]:
    return "raw table", params.model_dump_json()


def _read(params: Params) -> "pd.DataFrame | InParts":
    return read_whole(params) if params.data.engine == "pandas" else _lay_out(params)


def _lay_out(params: Params) -> "InParts":
    from .in_parts import check_roles, check_spark, lay_out
    from .parts import columns_in

    check_spark()
    path = params.data.path
    with _reading(path):
        names = columns_in(params.data)
    check_columns(params, names, path)
    check_roles(names, params.data)
    with _reading(path):
        table = lay_out(params)
    if not table.rows:
        raise UserError(f"{path}: has no rows")
    return table


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn any error from reading a file into one line.

    Raises:
        UserError: it cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc pull` fetches what DVC tracks") from None
    except (OSError, ValueError) as error:  # Arrow's own errors and UnicodeDecodeError are ValueErrors
        raise UserError(f"{path}: cannot be read as a table: {first_line(error)}") from None


def check_columns(params: Params, names: list[str], table: Path) -> None:
    """Check every column that params.yaml names against the columns of a table.

    Raises:
        UserError: a line for every name that is not a column.
    """
    data, columns = params.data, params.data.columns
    named: list[tuple[tuple[str | int, ...], str]] = [(("data", "target"), data.target)]
    for role in Columns.model_fields:
        named += [(("data", "columns", role, i), n) for i, n in enumerate(getattr(columns, role))]
    named += [(("data", "units", name), name) for name in data.units]
    named += [(("data", "date_formats", name), name) for name in data.date_formats]
    named += [(("data", "missing_in", name), name) for name in data.missing_in]
    if data.weight is not None:
        named.append((("data", "weight"), data.weight))
    named += params.split.columns()
    named += [(("split", "not_by", i), name) for i, name in enumerate(params.split.not_by)]
    named += [(("evaluate", "groups", i), name) for i, name in enumerate(params.evaluate.groups)]
    errors = [
        str(params_error(key, f"{table} has no column {name!r}; {nearest(name, names)}"))
        for key, name in named
        if name not in names
    ]
    if errors:
        raise UserError("\n".join(errors))
