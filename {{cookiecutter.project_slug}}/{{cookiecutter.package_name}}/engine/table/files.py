"""Files that hold a table."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..params import Data
from .columns import prepared, readable
from .delimited import read_delimited
from .lines import ending

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

WORKBOOKS, JSON = (".xlsx", ".xlsm"), (".json", ".jsonl", ".ndjson")
INDEX = "__index_level_"  # how the name of a column begins that pandas has made of an index without a name


def read_file(data: Data) -> "tuple[pd.DataFrame, list[str]]":
    """Read the file of a table: CSV, parquet, a workbook or JSON, by the end of its name.

    Returns:
        The table, its text as it is written and what is missing as NaN; and the names of all columns, also of
        those that are dropped because no cell could hold what is in them.

    Raises:
        ValueError: it cannot be read.
    """
    kind = ending(data.path)
    if kind == ".parquet":
        table, names = _parquet(data)
    elif kind in (*WORKBOOKS, *JSON):
        table = read_document(data)
        names = table.column_names
        table = table.select(readable(table.schema, data))
    else:
        table = read_delimited(data)
        names = table.column_names
    is_text = kind not in (".parquet", *WORKBOOKS, *JSON)
    columns = {}
    for name in table.column_names:
        columns[name] = prepared(table.column(name), name, data, is_text)
        table = table.drop_columns(name)  # so that its memory is let go
    return _pandas(columns), names


def read_document(data: Data) -> "pa.Table":
    """Read a workbook or JSON."""
    from .documents import read_json, read_workbook

    return read_workbook(data) if ending(data.path) in WORKBOOKS else read_json(data)


def read_parquet(path: Path) -> "pd.DataFrame":
    """Read a parquet file that pandas has written, column by column: only one of them is in memory twice.

    Through pandas' own function, a table of two million rows took twice the time and a third more memory.
    """
    from pyarrow import default_memory_pool
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, buffer_size=2**20) as file:
        frame: pd.DataFrame = file.read().to_pandas(split_blocks=True, self_destruct=True)
    default_memory_pool().release_unused()
    return frame


def _parquet(data: Data) -> "tuple[pa.Table, list[str]]":
    from pyarrow.parquet import ParquetFile

    with ParquetFile(data.path, buffer_size=2**20) as file:
        listed, names = listed_in(file.schema_arrow, data)
        return file.read(listed), names


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
    pa.default_memory_pool().release_unused()
    return frame
