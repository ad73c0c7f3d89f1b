"""Reading a file of rows to predict, part by part."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, first_line
from ..params import Data
from ..table.parts import columns_in, read_tables
from .expected import Expected

if TYPE_CHECKING:
    import pyarrow as pa


def read(path: Path, expected: Expected) -> "Generator[tuple[pa.Table, Data], None, None]":
    """Read a file, one part with rows after the other.

    An error while its rows are written elsewhere is not raised here: it is not the fault of this file.

    Yields:
        All columns that can be read, as `table.parts` has them, and how they are read.

    Raises:
        UserError: it cannot be read, or lacks a column.
    """
    with readable(path):
        names = columns_in(expected.reading(path, []))
        expected.check_columns(names, path)
        data = expected.reading(path, [name for name in names if name not in expected.roles])
        for table in read_tables(data):
            if table.num_rows:
                yield table, data


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say in one line why a file cannot be read within the block.

    Raises:
        UserError: it cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # Arrow's own errors and UnicodeDecodeError are ValueErrors
        raise UserError(f"{path}: cannot be read as a table: {first_line(error)}") from None
