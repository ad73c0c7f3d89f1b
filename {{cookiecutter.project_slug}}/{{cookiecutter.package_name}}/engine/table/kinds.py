"""Whether each column of a table in parts holds numbers, dates or text, which all its parts decide."""

from typing import TYPE_CHECKING

from ..params import Data
from .columns import prepared, without_missing
from .roles import declared_role

if TYPE_CHECKING:
    import pyarrow as pa


class Kinds:
    """Whether each column holds numbers, dates or text: by its role or, if it is dropped, by all its cells.

    Attributes:
        all: the kind of each column.
        strings: the columns that hold text in the file.
        others: the columns with cells that are neither numbers nor true and false.
    """

    def __init__(self, data: Data, is_text: bool) -> None:
        """Begin without any part.

        Args:
            data: the block with the roles.
            is_text: whether the file holds only text.
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
    """Make missing cells null; decimal numbers become text, so that Spark sees them as text."""
    import pyarrow as pa

    column = without_missing(column, name, data)
    return column.cast(pa.string()) if pa.types.is_decimal(column.type) else column


def _is_string(type_: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_plain(column: "pa.ChunkedArray") -> bool:
    """Tell whether a column that is not text holds finite numbers, or true and false."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_floating(column.type):
        return not compute.any(compute.is_inf(column)).as_py()
    return bool(pa.types.is_integer(column.type) or pa.types.is_boolean(column.type))
