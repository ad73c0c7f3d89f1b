"""Tables written as text, a line a row: CSV, read through Arrow, every cell as the text that stands there."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..params import Data, Format
from . import recognition

if TYPE_CHECKING:
    import pyarrow as pa

SEPARATORS = {".tsv": "\t", ".tab": "\t"}  # by the end of a file's name; of any other it is a comma
BLOCKS = (
    2**20,
    2**26,
)  # bytes that Arrow reads at once: a row has to fit in, and small ones take less memory
NAMED_LINES = 5  # of the wrong length; the others are counted
NAMELESS = "Unnamed: {}"  # what pandas calls the column at this position, counted from 0


def read_delimited(data: Data) -> "pa.Table":
    """Read a file of text; an empty cell, and a word of `data.missing`, is null.

    Raises:
        ValueError: it cannot be read as declared; the message says what the file is, and what to declare.
    """
    path, form = data.path, data.format
    separator = separator_of(data)
    head = recognition.head(path)
    if other := recognition.other_kind(head, path, form):
        raise ValueError(other)
    header, lines = _header(head, separator, form)
    if len(header) < 2:
        raise ValueError(
            recognition.other_layout(head, separator, form) or f"it has one column, {header[0]!r}"
        )
    names = _named(header, data, recognition.other_layout(head, separator, form) if "" in header else "")
    if separator == " ":
        return _of_rows(path, form, names, data.missing)
    return _read(path, form, separator, names, lines, data.missing, head)


def separator_of(data: Data) -> str:
    """Return what the columns of a file of text are separated by."""
    return data.format.separator or SEPARATORS.get(recognition.ending(data.path), ",")


def _read(
    path: Path, form: Format, separator: str, names: list[str], lines: int, missing: list[str], head: bytes
) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv as arrow

    # newlines in cells are allowed, and Arrow then looks for the end of each row by its quotes
    parse = arrow.ParseOptions(delimiter=separator, newlines_in_values=True)
    convert = arrow.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=["", *missing],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    for block in BLOCKS:
        read = arrow.ReadOptions(
            column_names=names, skip_rows=lines, block_size=block, encoding=form.encoding
        )
        try:
            table = arrow.read_csv(path, read_options=read, parse_options=parse, convert_options=convert)
        except (pa.ArrowInvalid, UnicodeError) as error:
            if "straddl" in str(error) and block != BLOCKS[-1]:
                continue
            raise ValueError(_explained(error, path, form, separator, len(names), head)) from None
        if table.num_rows and "\n" in str(table.column(len(names) - 1)[-1]):
            _check_quotes(path, form, separator)
        return table
    raise AssertionError("the last block raises")


def _header(head: bytes, separator: str, form: Format) -> tuple[list[str], int]:
    """Return the cells of the header, and how many lines there are up to its end.

    Raises:
        ValueError: there is none.
    """
    rows = recognition.rows_of(recognition.text_of(head, form), separator, form.skip_rows)
    line, header = next(((line, row) for line, row in rows if row), (0, []))
    if not header:
        where = f" after the {form.skip_rows} lines of data.format.skip_rows" if form.skip_rows else ""
        raise ValueError(f"it is empty{where}")
    return header, line


def _named(header: list[str], data: Data, otherwise: str) -> list[str]:
    """Return the names of the columns; one without a name has that which pandas gives it.

    Raises:
        ValueError: two have the same; or none, and params.yaml does not list them.
    """
    names = [name or NAMELESS.format(position) for position, name in enumerate(header)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"it has more than one column {', '.join(twice)}")
    listed = {name for role in type(data.columns).model_fields for name in getattr(data.columns, role)}
    bare = [at for at, name in enumerate(header) if not name and names[at] not in listed]
    if bare in ([], [0]):  # the first one without a name is how pandas writes an index
        return names
    if otherwise:
        raise ValueError(otherwise)
    which, called = " and ".join(str(at + 1) for at in bare), " and ".join(repr(names[at]) for at in bare)
    raise ValueError(
        f"the header gives column {which} no name: name them there, or list {called} in params.yaml, "
        "under data.columns.drop say"
    )


def _of_rows(path: Path, form: Format, names: list[str], missing: list[str]) -> "pa.Table":
    """Read a file whose columns are apart by any number of blanks, which Arrow does not know."""
    import pyarrow as pa

    cells = [row for _, row in _rows(path, form, " ") if row][1:]
    if any(len(row) != len(names) for row in cells):
        raise ValueError(_wrong_lengths(path, form, " ", len(names)))
    empty = {"", *missing}
    columns = [[None if cell in empty else cell for cell in column] for column in zip(*cells, strict=True)]
    columns = columns or [[] for _ in names]
    return pa.table(dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True)))


def _explained(error: Exception, path: Path, form: Format, separator: str, columns: int, head: bytes) -> str:
    """Say in a line why Arrow does not read a file."""
    said = str(error)
    if isinstance(error, UnicodeError) or "UTF8" in said:
        return recognition.wrong_encoding(path, form)
    if other := recognition.other_layout(head, separator, form):
        return other
    if "straddl" in said or "out of sync" in said:
        _check_quotes(path, form, separator)
        return f"a row is longer than {BLOCKS[-1] >> 20} MB; is a quote not closed?"
    return _wrong_lengths(path, form, separator, columns) if "Expected" in said else said


def _wrong_lengths(path: Path, form: Format, separator: str, columns: int) -> str:
    """Name the rows that have more or fewer cells than the header."""
    rows = _rows(path, form, separator)
    wrong = [(line, len(row)) for line, row in rows if row and len(row) != columns]
    if not wrong:
        return "its rows differ in length"
    line, count = wrong[0]
    others = ", ".join(str(line) for line, _ in wrong[1:NAMED_LINES])
    more = (
        f" ({len(wrong)} such lines: {line}, {others}{', …' * (len(wrong) > NAMED_LINES)})" if others else ""
    )
    remedy = (
        "which one is missing cannot be known: an empty cell needs its separator, too"
        if count < columns
        else f"put a cell with a {separator!r} in it into quotes"
    )
    return f"line {line} has {count} cells, and the header {columns}{more}: {remedy}"


def _check_quotes(path: Path, form: Format, separator: str) -> None:
    """Check that each quote is closed: else all that follows is one cell.

    Raises:
        ValueError: one is not.
    """
    begins = 1
    try:
        for line, _ in _rows(path, form, separator, strict=True):
            begins = line + 1
    except csv.Error:
        raise ValueError(
            f"line {begins} has a quote that is not closed: all that follows is one cell"
        ) from None


def _rows(path: Path, form: Format, separator: str, **how: Any) -> Iterator[tuple[int, list[str]]]:
    """Go through the rows of a file, the header first, each with the number of its last line."""
    csv.field_size_limit(2**31 - 1)
    with recognition.opened(path, form) as file:
        yield from recognition.rows_of(file, separator, form.skip_rows, **how)
