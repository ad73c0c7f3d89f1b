"""Tables written as text, a line a row: CSV, read through Arrow, every cell as the text that stands there."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..params import Data, Format
from . import lines, recognition
from .unread import check_quotes, rows_in, why_unread, wrong_lengths

if TYPE_CHECKING:
    import pyarrow as pa

SEPARATORS = {".tsv": "\t", ".tab": "\t"}  # by the end of a file's name; of any other it is a comma
# bytes that Arrow reads at once: a row has to fit in, and small ones take less memory
BLOCKS = (2**20, 2**26)
NAMELESS = "Unnamed: {}"  # what pandas calls the column at this position, counted from 0


def read_delimited(data: Data) -> "pa.Table":
    """Read a file of text; an empty cell, and a word of `data.missing`, is null.

    Raises:
        ValueError: it cannot be read as declared; the message says what the file is, and what to declare.
    """
    path, form = data.path, data.format
    separator = separator_of(data)
    head = lines.head(path)
    if other := recognition.other_kind(head, path, form):
        raise ValueError(other)
    header, end = _header(head, separator, form)
    if len(header) < 2:
        raise ValueError(
            recognition.other_layout(head, separator, form) or f"it has one column, {header[0]!r}"
        )
    names = _named(header, data, recognition.other_layout(head, separator, form) if "" in header else "")
    if separator == " ":
        return _of_rows(path, form, names, data.missing)
    return _read(path, form, separator, names, end, data.missing, head)


def separator_of(data: Data) -> str:
    """Return what the columns of a file of text are separated by."""
    return data.format.separator or SEPARATORS.get(lines.ending(data.path), ",")


def _read(
    path: Path, form: Format, separator: str, names: list[str], end: int, missing: list[str], head: bytes
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
        read = arrow.ReadOptions(column_names=names, skip_rows=end, block_size=block, encoding=form.encoding)
        try:
            table = arrow.read_csv(path, read_options=read, parse_options=parse, convert_options=convert)
        except (pa.ArrowInvalid, UnicodeError) as error:
            if "straddl" in str(error) and block != BLOCKS[-1]:
                continue
            raise ValueError(why_unread(error, path, form, separator, len(names), head)) from None
        if table.num_rows and "\n" in str(table.column(len(names) - 1)[-1]):
            check_quotes(path, form, separator)
        return table
    raise AssertionError("the last block raises")


def _header(head: bytes, separator: str, form: Format) -> tuple[list[str], int]:
    """Return the cells of the header, and how many lines there are up to its end.

    Raises:
        ValueError: there is none.
    """
    rows = lines.rows_of(lines.text_of(head, form), separator, form.skip_rows)
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

    cells = [row for _, row in rows_in(path, form, " ") if row][1:]
    if any(len(row) != len(names) for row in cells):
        raise ValueError(wrong_lengths(path, form, " ", len(names)))
    empty = {"", *missing}
    columns = [[None if cell in empty else cell for cell in column] for column in zip(*cells, strict=True)]
    columns = columns or [[] for _ in names]
    return pa.table(dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True)))
