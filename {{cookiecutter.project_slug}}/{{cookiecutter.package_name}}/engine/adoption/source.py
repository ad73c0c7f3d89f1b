"""Reading a table as it comes, and the file that takes its place in the project.

What the file is, is what reading it says: an error names the declaration that is missing, which is made, and
the file is read again.
"""

import re
import shutil
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..params import Columns, Data, Format
from ..table.delimited import read_delimited
from ..table.documents import read_json, read_workbook
from ..table.files import JSON, WORKBOOKS, read_file
from ..table.lines import ending
from . import remedies
from .wishes import Wishes

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ATTEMPTS = 12  # at declaring how a file is written
PARTS = (".csv", ".tsv", ".txt", ".parquet", *JSON)
TITLES = 30  # rows of a sheet among which its header is


@dataclass(frozen=True)
class Source:
    """A table as it was read.

    Attributes:
        file: of it, under the name that it will have: the user's own, or one that was made of that.
        data: how it is read.
        raw: its cells.
        notes: what was seen of the file, a line each.
    """

    file: Path
    data: Data
    raw: "pd.DataFrame"
    notes: tuple[str, ...]


def name_of(table: Path) -> str:
    """Name a table after its file, in letters that every system and MLflow take."""
    stem = table.name if table.is_dir() else table.name.split(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60] or "table"


def read_source(table: Path, wishes: Wishes, folder: Path) -> Source:
    """Read a table.

    Args:
        table: the user's file, or a folder with parts of it.
        wishes: with the target, and the words for a missing value.
        folder: a temporary one, for what is made of the file.

    Raises:
        UserError: it is no table, or lacks the target.
    """
    file, notes = _prepared(table, wishes, folder)
    data = _data(file, wishes)
    before = ""
    for _ in range(ATTEMPTS):
        try:
            raw, names = read_file(data)
        except (OSError, ValueError) as error:
            reason = first_line(error)
            if reason == before:
                break
            data, note = _declare(data, reason)
            if not note:
                break
            notes.append(note)
            before = reason
            continue
        if raw.empty:
            raise UserError(f"{table}: holds no row")
        _check_names(table, names, wishes)
        return Source(data.path, data, raw, tuple(notes))
    raise UserError(f"{table}: cannot be read as a table: {reason}")


def with_format(source: Source, **keys: Any) -> Source:
    """Read a table again, its numbers written in another way or with other words for a missing value."""
    data = source.data.model_copy(update=keys)
    raw, _ = read_file(data)
    return Source(source.file, data, raw, source.notes)


def _data(file: Path, wishes: Wishes) -> Data:
    return Data(
        task=wishes.task,  # type: ignore[arg-type]
        path=file,
        target=wishes.target,
        missing=list(wishes.missing),
        date_formats=dict(wishes.date_formats),
        columns=Columns(drop=list(wishes.drop)),
    )


def _declare(data: Data, reason: str) -> tuple[Data, str]:
    """Declare what an error says has to be declared; the note is empty if it says nothing of the kind."""
    if (found := remedies.declared(reason)) and found[0] == "format":
        form = data.format.model_copy(update=found[1])
        return data.model_copy(update={"format": Format(**form.model_dump())}), reason.split(": write")[0]
    if match := remedies.ENDING.search(reason):
        stem = data.path.name.split(".")[0]
        to = data.path.with_name(stem + match[1])
        data.path.rename(to)
        return data.model_copy(update={"path": to}), reason.split(":")[0]
    match = remedies.NESTED.search(reason)
    names = [match[1]] if match else remedies.NAMELESS.findall(reason)
    if not names:
        return data, ""
    why = f"holds {match[2]}, which is no cell" if match else "has no name"
    columns = data.columns.model_copy(update={"drop": [*data.columns.drop, *names]})
    return data.model_copy(update={"columns": columns}), f"{', '.join(names)}: {why}; dropped"


def _prepared(table: Path, wishes: Wishes, folder: Path) -> tuple[Path, list[str]]:
    """Return a file that stages can read, of the table's name; a folder or a workbook becomes one."""
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
    """Make a parquet file of a sheet, since the pipeline has no library for workbooks."""
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
        cells = read_workbook(_data(table, wishes).model_copy(update={"format": form}))
    except ImportError:
        raise UserError(f"{table}: a workbook, which openpyxl reads: pip install openpyxl") from None
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


def _check_names(table: Path, names: list[str], wishes: Wishes) -> None:
    from ..base.yaml import nearest

    said = {"target": [wishes.target], "drop": wishes.drop, "keep": wishes.keep, "group": wishes.groups or ()}
    said |= {"time": [wishes.time] if wishes.time else [], "date-format": list(wishes.date_formats)}
    errors = [
        f"--{option}: {table} has no column {name!r}; {nearest(name, names)}"
        for option, columns in said.items()
        for name in columns
        if name not in names
    ]
    if errors:
        raise UserError("\n".join(errors))
