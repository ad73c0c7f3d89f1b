"""A table in parts, one after the other, so that the memory needed does not grow with the table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..params import Data
from .columns import prepared, readable
from .delimited import Layout, check_end, options, read_delimited, reason
from .files import JSON, WORKBOOKS, listed_in, names_in, read_document
from .lines import ending

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

BYTES, ROWS = 2**22, 2**16  # the size of a part: of text, of parquet


def columns_in(data: Data) -> list[str]:
    """List the columns of a file, including those that cannot be read.

    Raises:
        ValueError: it cannot be read.
    """
    kind = ending(data.path)
    if kind in (*WORKBOOKS, *JSON):
        return list(read_document(data).column_names)
    if kind != ".parquet":
        return Layout.of(data).names
    from pyarrow.parquet import ParquetFile

    with ParquetFile(data.path, buffer_size=2**20) as file:
        return names_in(file.schema_arrow)


def read_tables(data: Data) -> "Iterator[pa.Table]":
    """Read a file in parts, each column as it is: text as it is written, missing cells as null.

    A workbook or JSON is a single part.

    Raises:
        ValueError: it cannot be read, perhaps after some parts.
    """
    kind = ending(data.path)
    if kind in (*WORKBOOKS, *JSON):
        table = read_document(data)
        yield table.select(readable(table.schema, data))
    else:
        yield from _of_parquet(data) if kind == ".parquet" else _of_text(data)


def as_frame(table: "pa.Table", data: Data) -> "pd.DataFrame":
    """Make from a part what `files.read_file` makes from a file.

    A column without a role in params.yaml may hold numbers in one part, and text in another.
    """
    import pyarrow as pa

    is_text = ending(data.path) not in (".parquet", *WORKBOOKS, *JSON)
    columns = {name: prepared(table.column(name), name, data, is_text) for name in table.column_names}
    frame: pd.DataFrame = pa.table(columns).to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _of_text(data: Data) -> "Iterator[pa.Table]":
    import pyarrow as pa
    from pyarrow import csv as arrow

    layout = Layout.of(data)
    if layout.separator == " ":
        yield read_delimited(data)
        return
    last = None
    try:
        for batch in arrow.open_csv(data.path, *options(data, layout, BYTES)):
            last = batch if batch.num_rows else last
            yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise reason(error, data, layout) from None
    if last is not None:
        check_end(last, data, layout)


def _of_parquet(data: Data) -> "Iterator[pa.Table]":
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with ParquetFile(data.path, buffer_size=2**20) as file:
        listed, _ = listed_in(file.schema_arrow, data)
        for batch in file.iter_batches(ROWS, columns=listed):
            yield pa.Table.from_batches([batch])
