"""The kind of a table: its columns, and the classes of its target."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..base.files import needed
from ..base.paths import VALIDATED
from .validated import unreadable

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset


@dataclass(frozen=True)
class TableKind:
    """The table that the validate stage wrote; only what is needed of it is read.

    Every property may raise a UserError: the stage has not run, or another program has written the file.
    """

    target: str

    @cached_property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return list(self._dataset.schema.names)

    @cached_property
    def classes(self) -> set[str]:
        """The classes of the target, as the table writes them."""
        try:
            column = self._dataset.to_table(columns=[self.target]).column(0)
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise unreadable(error) from None
        return {str(value) for value in column.unique().to_pylist() if value is not None}

    @cached_property
    def _dataset(self) -> "Dataset":
        from pyarrow.dataset import dataset

        try:
            return dataset(needed(VALIDATED, "validate"), format="parquet")
        except (OSError, ValueError) as error:
            raise unreadable(error) from None
