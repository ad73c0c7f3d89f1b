"""A table in parts, one after the other, which take as much memory however long it is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..params import Data
from .columns import prepared
from .delimited import Layout, check_end, options, read_delimited, reason
from .files import JSON, WORKBOOKS, listed_in, read_file
from .lines import ending

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

BYTES, ROWS = 2**22, 2**16  # of a part: of text, of parquet


def read_parts(data: Data) -> "Iterator[tuple[pd.DataFrame, list[str]]]":
    """Read a file as `files.read_file` does, but in parts; a workbook and JSON are one.

    A column that has no role in params.yaml may be numbers in one part, and text in another.

    Raises:
        ValueError: it cannot be read, perhaps after some parts.
    """
    kind = ending(data.path)
    if kind in (*WORKBOOKS, *JSON):
        yield read_file(data)
        return
    is_text = kind != ".parquet"
    for table, names in _of_text(data) if is_text else _of_parquet(data):
        columns = {name: prepared(table.column(name), name, data, is_text) for name in table.column_names}
        yield _pandas(columns), names


def _of_text(data: Data) -> "Iterator[tuple[pa.Table, list[str]]]":
    import pyarrow as pa
    from pyarrow import csv as arrow

    layout = Layout.of(data)
    if layout.separator == " ":
        yield read_delimited(data), layout.names
        return
    last = None
    try:
        for batch in arrow.open_csv(data.path, *options(data, layout, BYTES)):
            last = batch if batch.num_rows else last
            yield pa.Table.from_batches([batch]), layout.names
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise ValueError(reason(error, data, layout)) from None
    if last is not None:
        check_end(last, data, layout)


def _of_parquet(data: Data) -> "Iterator[tuple[pa.Table, list[str]]]":
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with ParquetFile(data.path, buffer_size=2**20) as file:
        listed, names = listed_in(file.schema_arrow, data)
        for batch in file.iter_batches(ROWS, columns=listed):
            yield pa.Table.from_batches([batch]), names


def _pandas(columns: "dict[str, pa.ChunkedArray]") -> "pd.DataFrame":
    import pyarrow as pa

    frame: pd.DataFrame = pa.table(columns).to_pandas(split_blocks=True, self_destruct=True)
    return frame
