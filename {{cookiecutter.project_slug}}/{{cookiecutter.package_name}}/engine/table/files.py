"""Files that hold a table."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import memory
from ..params import Data
from .columns import prepared, readable
from .delimited import read_delimited
from .lines import ending

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

WORKBOOKS, JSON = (".xlsx", ".xlsm"), (".json", ".jsonl", ".ndjson")
# cells of parquet that are read at once, so that only some columns of a large table are in memory twice
CELLS = 2**22
# how pandas begins the name of the column that it makes from an index without a name
INDEX = "__index_level_"


def read_file(data: Data) -> "tuple[pd.DataFrame, list[str]]":
    """Read the file of a table: CSV, parquet, a workbook or JSON, by the ending of its name.

    Returns:
        The table, with text as it is written and missing cells as NaN; and the names of all columns,
        including those that are dropped because their values cannot be cells.

    Raises:
        ValueError: it cannot be read.
    """
    kind = ending(data.path)
    if kind == ".parquet":
        return _parquet(data)
    if kind in (*WORKBOOKS, *JSON):
        table = read_document(data)
        names = table.column_names
        table = table.select(readable(table.schema, data))
    else:
        table = read_delimited(data)
        names = table.column_names
    is_text = kind not in (*WORKBOOKS, *JSON)
    columns = {}
    for name in table.column_names:
        columns[name] = prepared(table.column(name), name, data, is_text)
        table = table.drop_columns(name)  # so that its memory is let go
    del table
    return _pandas(columns), names


def read_document(data: Data) -> "pa.Table":
    """Read a workbook or JSON."""
    from .documents import read_json, read_workbook

    return read_workbook(data) if ending(data.path) in WORKBOOKS else read_json(data)


def read_parquet(path: Path) -> "pd.DataFrame":
    """Read a parquet file that pandas has written, some columns at a time.

    With pandas' own function, a table of two million rows took twice the time, and more than twice the
    memory.
    """
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, buffer_size=2**20) as file:
        parts = _by_columns(file, file.schema_arrow.names)
        return _together([part.to_pandas(split_blocks=True, self_destruct=True) for part in parts])


def _parquet(data: Data) -> "tuple[pd.DataFrame, list[str]]":
    from pyarrow.parquet import ParquetFile

    with ParquetFile(data.path, buffer_size=2**20) as file:
        listed, names = listed_in(file.schema_arrow, data)
        frames = []
        for part in _by_columns(file, listed):
            columns = {name: prepared(part.column(name), name, data, False) for name in part.column_names}
            del part  # so that its memory is let go
            frames.append(_pandas(columns))
        return _together(frames), names


def _by_columns(file: "ParquetFile", names: list[str]) -> "Iterator[pa.Table]":
    """Read the columns of a file: all at once if it is small, otherwise a few at a time, and keep none."""
    count = max(1, CELLS // max(1, file.metadata.num_rows))
    for start in range(0, len(names) or 1, count):
        some = names[start : start + count]
        yield file.read(some).select(some)  # asked for a column `a`, Arrow also reads one called `a.b`


def _together(frames: "list[pd.DataFrame]") -> "pd.DataFrame":
    """Put tables of the same rows side by side, without a copy."""
    import pandas as pd

    memory.release()
    return frames[0] if len(frames) == 1 else pd.concat(frames, axis=1)


def listed_in(schema: "pa.Schema", data: Data) -> tuple[list[str], list[str]]:
    """Return the columns of a parquet file that are read, and all of them."""
    names = names_in(schema)
    return [name for name in readable(schema, data) if name in names], names


def names_in(schema: "pa.Schema") -> list[str]:
    """Return the columns of a parquet file, without an index that pandas has written."""
    return [name for name in schema.names if not name.startswith(INDEX)]


def _pandas(columns: "dict[str, pa.ChunkedArray]") -> "pd.DataFrame":
    import pyarrow as pa

    table = pa.table(columns)
    columns.clear()
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame
