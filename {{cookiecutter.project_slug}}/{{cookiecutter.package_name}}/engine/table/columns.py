"""The columns of a file in Arrow, before pandas gets them: which cells are missing, and which are numbers."""

from typing import TYPE_CHECKING, Any

from ..params import Data
from .remedy import Remedy, Unreadable
from .roles import declared_role

if TYPE_CHECKING:
    import pyarrow as pa

MOST_DIGITS = 15  # the digits of a whole number that float64 always keeps


def readable(schema: "pa.Schema", data: Data) -> list[str]:
    """Return the names of the columns that can be read; the others have to be dropped columns.

    Raises:
        ValueError: a column holds lists, blocks or bytes, and is not dropped.
    """
    import pyarrow as pa

    nested = [field for field in schema if pa.types.is_nested(field.type) or _is_binary(field.type)]
    for field in nested:
        if field.name not in data.columns.drop:
            otherwise = (
                "put it into data.columns.drop, or make columns of its parts in a stage before validate"
            )
            raise Unreadable(
                f"column {field.name!r} holds values of the type {field.type}, which is no cell",
                Remedy(drop=(field.name,), otherwise=otherwise),
            )
    return [name for name in schema.names if name not in {field.name for field in nested}]


def prepared(column: "pa.ChunkedArray", name: str, data: Data, is_text: bool) -> "pa.ChunkedArray":
    """Make a column ready for pandas: missing cells become null, and text that is a number becomes one.

    Args:
        column: n cells.
        name: the column's name.
        data: it says what stands for a missing cell, and has the column's role if it is listed.
        is_text: whether the file holds only text, which is a number by its role, or by how it is written.
    """
    import pyarrow as pa

    column = without_missing(column, name, data)
    role = declared_role(name, data)
    kind = role.role if role else "any"
    if kind == "target":
        kind = "numeric" if data.task == "regression" else "categorical"
    if is_text:
        if kind in ("categorical", "text", "id", "date"):
            return column
        numbers = _numbers(column, kind, data)  # of which -999.0 is missing where -999 is
        return numbers if numbers is column else without_missing(numbers, name, data)
    is_number = kind in ("numeric", "weight", "any", "drop")
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("us"))
    if pa.types.is_decimal(column.type):
        return column.cast(pa.float64() if is_number else pa.string())
    if pa.types.is_null(column.type):
        return column.cast(pa.float64() if is_number else pa.string())
    if pa.types.is_integer(column.type) and column.null_count and not (is_number and _are_short(column)):
        return column.cast(pa.string())  # otherwise pandas makes them float64, which does not keep all digits
    return column


def without_missing(column: "pa.ChunkedArray", name: str, data: Data) -> "pa.ChunkedArray":
    """Make cells null that are empty or a word for a missing value; for numbers, equal numbers count."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    words = [*data.missing, *data.missing_in.get(name, [])]
    gaps: Any = None
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        gaps = pa.array(["", *words], column.type)
    elif pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        numbers = [number for word in words if (number := _number(word)) is not None]
        if pa.types.is_integer(column.type):
            numbers = [int(number) for number in numbers if number.is_integer()]
        gaps = pa.array(numbers, column.type) if numbers else None
    if gaps is None:
        return column
    missing = compute.is_in(column, value_set=gaps)
    return (
        compute.if_else(missing, pa.scalar(None, column.type), column)
        if compute.any(missing).as_py()
        else column
    )


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _numbers(column: "pa.ChunkedArray", kind: str, data: Data) -> "pa.ChunkedArray":
    """Return float64 if each cell is a number as programs write it; otherwise the text.

    A column that is not listed stays text, too, if one of its numbers would be changed by this.
    """
    import pyarrow as pa
    from pyarrow import compute

    text = column
    if data.format.decimal == ",":
        if compute.any(compute.match_substring(column, ".")).as_py():
            return column  # with separators of thousands, perhaps
        text = compute.replace_substring(column, ",", ".")
    try:
        numbers = compute.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return column
    if compute.any(compute.is_nan(numbers)).as_py():  # a cell contains `nan`, and is not a missing one
        return column
    return column if kind in ("any", "drop") and _are_codes(text, numbers) else numbers


def _are_codes(text: "pa.ChunkedArray", numbers: "pa.ChunkedArray") -> bool:
    """Tell whether a number begins with a significant zero, or has more digits than float64 keeps."""
    from pyarrow import compute

    if not _are_short(numbers):
        whole = rf"^[+-]?([0-9]{{{MOST_DIGITS + 1},}}|inf|infinity)$"
        if compute.any(compute.match_substring_regex(text, whole, ignore_case=True)).as_py():
            return True
    zero, point = compute.starts_with(text, "0"), compute.starts_with(text, "0.")
    more = compute.greater(compute.binary_length(text), 1)
    return bool(compute.any(compute.and_(compute.and_not(zero, point), more)).as_py())


def _are_short(numbers: "pa.ChunkedArray") -> bool:
    """Tell whether no number has more digits before its decimals than float64 keeps."""
    from pyarrow import compute

    return bool((compute.max(compute.abs(numbers)).as_py() or 0) < 10**MOST_DIGITS)


def _is_binary(type: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_binary(type) or pa.types.is_large_binary(type) or pa.types.is_fixed_size_binary(type)
    )
