"""Whether each column of a table in parts is a number, a date or text: all its parts decide that."""

from typing import TYPE_CHECKING

from ..params import Data
from .columns import prepared, without_missing
from .roles import declared_role

if TYPE_CHECKING:
    import pyarrow as pa


class Kinds:
    """Whether each column is a number, a date or text: by its role, or where it is dropped by all its cells.

    Attributes:
        all: the kind of each column.
        strings: the columns that hold text in the file.
        others: those that hold what is written neither as a number nor as true and false.
    """

    def __init__(self, data: Data, is_text: bool) -> None:
        """Begin with no part.

        Args:
            data: the block with the roles.
            is_text: whether the file holds text only.
        """
        self.data, self.is_text = data, is_text
        self.all, self.strings, self.others = dict[str, str](), set[str](), set[str]()

    def look(self, part: "pa.Table") -> None:
        """Look at a part."""
        for name in part.column_names:
            column = part.column(name)
            kind = self._of(name, column)
            if self.all.setdefault(name, kind) != kind:
                self.all[name] = "text"  # some cells are not numbers
            if _is_string(ready(column, name, self.data).type):
                self.strings.add(name)
            elif not _is_plain(column):
                self.others.add(name)

    def _of(self, name: str, column: "pa.ChunkedArray") -> str:
        import pyarrow as pa

        declared = declared_role(name, self.data)
        role = declared.role if declared else "drop"
        if role == "date" or name in self.data.date_formats:
            return "date"
        if role in ("numeric", "weight") or (role == "target" and self.data.task == "regression"):
            return "number"
        if role != "drop":
            return "text"
        type_ = prepared(column, name, self.data, self.is_text).type
        return "number" if pa.types.is_floating(type_) or pa.types.is_integer(type_) else "text"


def ready(column: "pa.ChunkedArray", name: str, data: Data) -> "pa.ChunkedArray":
    """Make what is missing null; a decimal number is written as text, for Spark to look at as that."""
    import pyarrow as pa

    column = without_missing(column, name, data)
    return column.cast(pa.string()) if pa.types.is_decimal(column.type) else column


def _is_string(type_: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_plain(column: "pa.ChunkedArray") -> bool:
    """Tell whether a column that is not text holds numbers, or true and false, and none that is infinite."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_floating(column.type):
        return not compute.any(compute.is_inf(column)).as_py()
    return bool(pa.types.is_integer(column.type) or pa.types.is_boolean(column.type))
