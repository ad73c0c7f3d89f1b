"""Tables in workbooks and in JSON, whose cells have types of their own."""

import json
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..params import Data
from .lines import ending, opened
from .remedy import check_names

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED = "which openpyxl reads: `pip install openpyxl` (the extra `excel` of pyproject.toml)"
CHUNK = 50_000  # JSON objects that are in memory at once


def read_workbook(data: Data) -> "pa.Table":
    """Read a sheet of a workbook (.xlsx), its first row of cells being the header.

    Raises:
        ValueError: it cannot be read, its library is not installed, or there is no such sheet.
    """
    import pandas as pd

    form = data.format
    try:
        with pd.ExcelFile(data.path, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
            sheet: str | int = form.sheet or 1
            if isinstance(sheet, int) and sheet <= len(names):
                sheet = names[sheet - 1]
            if sheet not in names:
                raise ValueError(f"it has no sheet {sheet!r}, as data.format.sheet says, but {names}")
            cells = book.parse(
                sheet, header=None, skiprows=form.skip_rows, dtype=object, keep_default_na=False, na_values=[]
            )
    except ImportError:
        raise ValueError(f"it is a workbook, {NEEDED}") from None
    except zipfile.BadZipFile:
        raise ValueError("its name says that it is a workbook; it is none, or it is damaged") from None
    if cells.empty:
        raise ValueError(f"its sheet {sheet!r} is empty")
    header = [str(name) for name in cells.iloc[0]]
    rows = cells.iloc[1:]
    return _table({name: rows.iloc[:, at].tolist() for at, name in enumerate(header)}, header)


def read_json(data: Data) -> "pa.Table":
    """Read JSON: an object on each line, or a list of objects. Keys are columns; cells without one are empty.

    Raises:
        ValueError: it is something else; names the line.
    """
    import pyarrow as pa

    with opened(data.path, data.format) as file:
        if ending(data.path) == ".json":
            objects = json.load(file)
            if not isinstance(objects, list):
                raise ValueError("it holds no list of objects, one a row")
            chunks: Iterable[list[Any]] = [objects]
        else:
            chunks = _chunks(file)
        tables = [_of_objects(chunk) for chunk in chunks]
    if not tables:
        raise ValueError("it is empty")
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowTypeError:  # numbers in one part, text in another
        names = list(dict.fromkeys(name for table in tables for name in table.column_names))
        parts = {
            name: [
                table[name].to_pylist() if name in table.column_names else [None] * len(table)
                for table in tables
            ]
            for name in names
        }
        return _table(
            {name: [cell for part in cells for cell in part] for name, cells in parts.items()}, names
        )


def _chunks(lines: Iterable[str]) -> Iterable[list[Any]]:
    chunk: list[Any] = []
    for number, line in enumerate(lines, 1):
        try:
            chunk += [json.loads(line)] if line.strip() else []
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number}, column {error.colno} is not JSON: {error.msg}") from None
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _of_objects(objects: list[Any]) -> "pa.Table":
    names: dict[str, None] = {}
    for number, row in enumerate(objects, 1):
        if not isinstance(row, dict):
            raise ValueError(f"row {number} is not an object, but {str(row)[:40]!r}")
        names.update(dict.fromkeys(row))
    return _table({name: [row.get(name) for row in objects] for name in names}, list(names))


def _table(cells: dict[str, list[Any]], names: list[str]) -> "pa.Table":
    """Make a table from columns of values; a column whose values have no type in common becomes text.

    Raises:
        ValueError: two columns have the same name.
    """
    import pyarrow as pa

    check_names(names)
    return pa.table({name: _array(column) for name, column in cells.items()})


def _array(cells: list[Any]) -> "pa.Array":
    import pyarrow as pa

    cells = [None if cell is None or cell == "" or cell != cell else cell for cell in cells]
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([cell if cell is None else str(cell) for cell in cells], pa.string())
