"""Files that hold a table."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..params import Data

if TYPE_CHECKING:
    import pandas as pd


def read_parquet(path: Path) -> "pd.DataFrame":
    """Read a parquet file column by column, so that no more than one of them is in memory twice.

    Through pandas' own function, a table of two million rows took twice the time and a third more memory.
    """
    from pyarrow import default_memory_pool
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, buffer_size=2**20) as file:
        frame: pd.DataFrame = file.read().to_pandas(split_blocks=True, self_destruct=True)
    default_memory_pool().release_unused()
    return frame


def read_csv(data: Data) -> "pd.DataFrame":
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


def _text_columns(data: Data) -> list[str]:
    columns = data.columns
    target = [data.target] if data.task == "classification" else []
    return [*columns.categorical, *columns.text, *columns.id, *target]
