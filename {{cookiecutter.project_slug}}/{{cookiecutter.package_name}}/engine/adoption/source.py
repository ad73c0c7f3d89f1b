"""Turning a user's table into a file that the stages can read."""

import re
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..params import Data, Format
from ..table.delimited import read_delimited
from ..table.documents import NEEDED, read_json, read_workbook
from ..table.files import JSON, WORKBOOKS
from ..table.lines import ending
from .reading import Source, read_declaring, start
from .wishes import Wishes

if TYPE_CHECKING:
    import pyarrow as pa

PARTS = (".csv", ".tsv", ".txt", ".parquet", *JSON)
TITLES = 30  # rows at the top of a sheet in which its header is looked for


def name_of(table: Path) -> str:
    """Name a table after its file, with letters that every system and MLflow accept."""
    stem = table.name if table.is_dir() else table.name.split(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60] or "table"


def read_source(table: Path, wishes: Wishes, folder: Path) -> Source:
    """Read a table.

    Args:
        table: the user's file, or a folder with parts of it.
        wishes: the user's wishes, with the target and the words for a missing value.
        folder: a temporary folder, for files that are made from the user's.

    Raises:
        UserError: the file is not a table, or lacks the target.
    """
    file, notes = _prepared(table, wishes, folder)
    return read_declaring(file, table, wishes, notes)


def _prepared(table: Path, wishes: Wishes, folder: Path) -> tuple[Path, list[str]]:
    """Return a file with the table's name that the stages can read; a folder or a workbook becomes a file."""
    if not table.exists():
        raise UserError(f"{table}: no such file")
    if table.is_dir():
        return _of_parts(table, wishes, folder)
    kind = ending(table)
    if kind in WORKBOOKS:
        return _of_workbook(table, wishes, folder)
    if kind == ".xls":
        raise UserError(f"{table}: a workbook of Excel 97 to 2003; save it as .xlsx first")
    suffix = "".join(s.lower() for s in table.suffixes[-2:] if s.lower() in (kind, ".gz"))
    to = folder / f"{wishes.name}{suffix or '.csv'}"
    with suppress(OSError):
        to.symlink_to(table.resolve())
        return to, []
    shutil.copyfile(table, to)
    return to, []


def _of_workbook(table: Path, wishes: Wishes, folder: Path) -> tuple[Path, list[str]]:
    """Make a parquet file from a sheet, since the pipeline has no library for workbooks."""
    import pandas as pd
    from pyarrow import parquet

    try:
        with pd.ExcelFile(table, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
            sheet = wishes.sheet or names[0]
            if sheet not in names:
                raise UserError(f"{table}: has no sheet {sheet!r}; --sheet takes {', '.join(names)}")
            top = book.parse(sheet, header=None, nrows=TITLES, dtype=object)
        skipped = next((at for at, row in enumerate(top.notna().to_numpy()) if row.all()), 0)
        form = Format(sheet=sheet, skip_rows=skipped)
        cells = read_workbook(start(table, wishes).model_copy(update={"format": form}))
    except ImportError:
        raise UserError(f"{table}: a workbook, {NEEDED}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{table}: cannot be read as a workbook: {first_line(error)}") from None
    to = folder / f"{wishes.name}.parquet"
    parquet.write_table(cells, to)
    others = f", one of {len(names)} ({', '.join(names)}): --sheet takes another" if names[1:] else ""
    below = f", its header in row {skipped + 1}" if skipped else ""
    return to, [f"sheet {sheet!r}{others}{below}; kept as parquet"]


def _of_parts(table: Path, wishes: Wishes, folder: Path) -> tuple[Path, list[str]]:
    """Put the parts of a table together, in the order of their names."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    files = sorted(file for file in table.rglob("*") if file.is_file() and ending(file) in PARTS)
    kinds = {ending(file) for file in files}
    if len(kinds) != 1:
        held = f"files of {', '.join(sorted(kinds))}" if kinds else "no file of a table"
        raise UserError(f"{table}: holds {held}; give a file, or a folder of parts of one kind")
    first = folder / "first"
    first.mkdir()
    one = read_source(files[0], wishes, first)
    tables = [_arrow(file, one.data) for file in files]
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowInvalid as error:
        raise UserError(f"{table}: its parts have different columns: {first_line(error)}") from None
    is_text = kinds.isdisjoint({".parquet", *JSON})
    to = folder / f"{wishes.name}{'.csv' if is_text else '.parquet'}"
    csv.write_csv(whole, to) if is_text else parquet.write_table(whole, to)
    return to, [f"{len(files)} parts ({files[0].name} … {files[-1].name}), put together", *one.notes]


def _arrow(file: Path, data: Data) -> "pa.Table":
    from pyarrow import parquet

    data = data.model_copy(update={"path": file})
    if ending(file) == ".parquet":
        return parquet.read_table(file)
    try:
        return read_json(data) if ending(file) in JSON else read_delimited(data)
    except ValueError as error:
        raise UserError(f"{file}: cannot be read as the first part is: {first_line(error)}") from None
