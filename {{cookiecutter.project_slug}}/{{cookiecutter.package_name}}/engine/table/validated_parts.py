"""The validated table, some rows and columns at a time: it may be larger than the memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import first_line
from ..base.files import files_in, needed
from ..base.paths import VALIDATED
from ..blocks.checking import params_error
from ..params import Params
from .description import Description
from .validated import check_validated, unreadable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

ROWS = 2**18  # rows that are in memory at once


class ValidatedParts:
    """The rows with a target in the file, or the folder of files, that the validate stage wrote.

    Attributes:
        header: a table without rows: the columns, their types and their roles.
    """

    def __init__(self, params: Params) -> None:
        """Look at the table without reading a row.

        Raises:
            UserError: for the same reasons as `validated.read_validated`.
        """
        self.target = params.data.target
        self._paths = [path for path in files_in(needed(VALIDATED, "validate")) if path.name[0] not in "._"]
        if not self._paths:
            raise unreadable(ValueError("it is an empty folder"))
        with self._opened(0) as file:
            self.header: pd.DataFrame = file.schema_arrow.empty_table().to_pandas()
        check_validated(self.header, params)

    def tables(self, columns: list[str]) -> "Iterator[pa.Table]":
        """Read some columns of all rows, part by part in the table's order.

        Raises:
            UserError: a part cannot be read, or no row has a target.
        """
        import pyarrow as pa

        rows, read = 0, list(dict.fromkeys([*columns, self.target]))
        for number in range(len(self._paths)):
            try:
                with self._opened(number) as file:
                    for batch in file.iter_batches(ROWS, columns=read):
                        part = pa.Table.from_batches([batch])
                        part = part.filter(part.column(self.target).is_valid())
                        rows += part.num_rows
                        yield part.select(columns)
            except (OSError, ValueError) as error:
                raise unreadable(error) from None
        if not rows:
            message = f"no row of {VALIDATED} has a value in {self.target!r}"
            raise params_error(("data", "target"), message)

    def groups(self) -> Iterator[tuple[Path, int, int]]:
        """Go through the parquet row groups: the file, the number in it, and how many rows have a target."""
        for number, path in enumerate(self._paths):
            with self._opened(number) as file:
                at = file.schema_arrow.names.index(self.target)
                for group in range(file.num_row_groups):
                    of_group = file.metadata.row_group(group)
                    yield path, group, of_group.num_rows - of_group.column(at).statistics.null_count

    def describe(self, rows: int) -> Description:
        """Describe the table without reading it: parquet has the counts of missing cells.

        Args:
            rows: how many rows have a target.
        """
        described, gaps = Description.of(self.header), set[str]()
        for number in range(len(self._paths)):
            with self._opened(number) as file:
                for group in range(file.num_row_groups):
                    of_group = file.metadata.row_group(group)
                    for at, name in enumerate(file.schema_arrow.names):
                        counts = of_group.column(at).statistics
                        if counts is None or counts.null_count:
                            gaps.add(name)
        complete = frozenset(name for name in described.types if name not in gaps or name == self.target)
        return Description(rows, described.types, complete)

    def _opened(self, number: int) -> "ParquetFile":
        from pyarrow.parquet import ParquetFile

        try:
            return ParquetFile(self._paths[number], buffer_size=2**20)
        except (OSError, ValueError) as error:
            reason = f"{self._paths[number].name}: {first_line(error)}" if number else first_line(error)
            raise unreadable(ValueError(reason)) from None


def is_in_parts(params: Params) -> bool:
    """Tell whether the validated table is read in parts: only a part of it is needed, or it is a folder."""
    return params.split.sample < 1 or VALIDATED.is_dir()


def as_pandas(table: "pa.Table") -> "pd.DataFrame":
    """Make a pandas table, while this one is freed."""
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame
