"""Tables written as text, a line for each row: CSV, read by Arrow, every cell as the text that it holds."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..params import Data, Format
from . import lines, recognition
from .remedy import Remedy, Unreadable, check_names
from .unread import check_quotes, rows_in, why_unread, wrong_lengths

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv as arrow

# by the ending of a file's name; for any other ending, it is a comma
SEPARATORS = {".tsv": "\t", ".tab": "\t"}
# bytes that Arrow reads at once: a row has to fit into them, and smaller blocks take less memory
BLOCKS = (2**20, 2**26)
WIDE = re.compile(r"\S {2,}\S")  # several blanks between words, as in columns of a fixed width
FIXED = "; if its columns have a fixed width, make CSV of it: pandas.read_fwf reads it"
NAMELESS = "Unnamed: {}"  # what pandas calls the column at this position, counted from 0


@dataclass(frozen=True)
class Layout:
    """How a file of text is laid out.

    Attributes:
        separator: the separator of its columns.
        names: the names of its columns.
        end: how many lines there are up to the end of the header.
        head: the file's first bytes.
    """

    separator: str
    names: list[str]
    end: int
    head: bytes

    @classmethod
    def of(cls, data: Data) -> "Layout":
        """Look at the head of a file.

        Raises:
            ValueError: it is not as declared; the message says what kind of file it is, and what to declare.
        """
        form, separator, head = data.format, separator_of(data), lines.head(data.path)
        if other := recognition.other_kind(head, data.path, form):
            raise other
        header, end = _header(head, separator, form)
        otherwise = recognition.other_layout(head, separator, form)
        if len(header) < 2:
            aligned = WIDE.search(header[0].strip())
            raise otherwise or Unreadable(f"it has one column, {header[0]!r}{FIXED if aligned else ''}")
        if quoted := recognition.other_quote(header, form):
            raise quoted
        return cls(separator, _named(header, data, otherwise if "" in header else None), end, head)


def read_delimited(data: Data) -> "pa.Table":
    """Read a file of text; an empty cell, and a word of `data.missing`, is null.

    Raises:
        ValueError: it cannot be read as declared; the message says what the file is, and what to declare.
    """
    layout = Layout.of(data)
    if layout.separator == " ":
        return _of_rows(data.path, data.format, layout.names, data.missing)
    return _read(data, layout)


def separator_of(data: Data) -> str:
    """Return what the columns of a file of text are separated by."""
    return data.format.separator or SEPARATORS.get(lines.ending(data.path), ",")


def _read(data: Data, layout: Layout) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv as arrow

    for block in BLOCKS:
        read, parse, convert = options(data, layout, block)
        try:
            table = arrow.read_csv(data.path, read, parse, convert)
        except (pa.ArrowInvalid, UnicodeError) as error:
            if "straddl" in str(error) and block != BLOCKS[-1]:
                continue
            raise reason(error, data, layout) from None
        if table.num_rows:
            check_end(table, data, layout)
        return table
    raise AssertionError("the last block raises")


def options(
    data: Data, layout: Layout, block: int
) -> "tuple[arrow.ReadOptions, arrow.ParseOptions, arrow.ConvertOptions]":
    """Return how Arrow reads a file, with this number of bytes at once."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    # newlines in cells are allowed: Arrow then finds the end of each row by its quotes
    quote = data.format.quote or False
    parse = arrow.ParseOptions(delimiter=layout.separator, quote_char=quote, newlines_in_values=bool(quote))
    convert = arrow.ConvertOptions(
        column_types=dict.fromkeys(layout.names, pa.string()),
        null_values=["", *data.missing],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    read = arrow.ReadOptions(
        column_names=layout.names, skip_rows=layout.end, block_size=block, encoding=data.format.encoding
    )
    return read, parse, convert


def reason(error: Exception, data: Data, layout: Layout) -> Unreadable:
    """Say in a line why Arrow does not read a file."""
    return why_unread(error, data.path, data.format, layout.separator, len(layout.names), layout.head)


def check_end(table: "pa.Table | pa.RecordBatch", data: Data, layout: Layout) -> None:
    """Check the quotes of a file if its last cell has a newline: it may be all that follows an open quote."""
    if "\n" in str(table.column(len(layout.names) - 1)[-1]):
        check_quotes(data.path, data.format, layout.separator)


def _header(head: bytes, separator: str, form: Format) -> tuple[list[str], int]:
    """Return the cells of the header, and how many lines there are up to its end.

    Raises:
        ValueError: there is none.
    """
    rows = lines.rows_of(lines.text_of(head, form), separator, form)
    line, header = next(((line, row) for line, row in rows if row), (0, []))
    if not header:
        where = f" after the {form.skip_rows} lines of data.format.skip_rows" if form.skip_rows else ""
        raise ValueError(f"it is empty{where}")
    return header, line


def _named(header: list[str], data: Data, otherwise: Unreadable | None) -> list[str]:
    """Return the names of the columns; a column without a name has the one that pandas gives it.

    Raises:
        ValueError: two have the same name; or some have none, and params.yaml does not list them.
    """
    names = [name or NAMELESS.format(position) for position, name in enumerate(header)]
    check_names(names)
    listed = {name for role in type(data.columns).model_fields for name in getattr(data.columns, role)}
    bare = [at for at, name in enumerate(header) if not name and names[at] not in listed]
    if bare in ([], [0]):  # pandas writes an index as a first column without a name
        return names
    if otherwise:
        raise otherwise
    which, called = " and ".join(str(at + 1) for at in bare), " and ".join(repr(names[at]) for at in bare)
    by_hand = f"name them there, or list {called} in params.yaml, under data.columns.drop say"
    remedy = Remedy(drop=tuple(names[at] for at in bare), otherwise=by_hand)
    raise Unreadable(f"the header gives column {which} no name", remedy)


def _of_rows(path: Path, form: Format, names: list[str], missing: list[str]) -> "pa.Table":
    """Read a file whose columns are separated by any number of blanks, which Arrow cannot do."""
    import pyarrow as pa

    cells = [row for _, row in rows_in(path, form, " ") if row][1:]
    if any(len(row) != len(names) for row in cells):
        raise ValueError(wrong_lengths(path, form, " ", len(names)))
    empty = {"", *missing}
    columns = [[None if cell in empty else cell for cell in column] for column in zip(*cells, strict=True)]
    columns = columns or [[] for _ in names]
    return pa.table(dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True)))
