"""What a file that cannot be read as declared seems to be: a guess that is only used in the message."""

import codecs
import csv
import json
import re
from collections import Counter
from pathlib import Path

from ..params import Format
from .lines import binary, encoding_of, rows_of, text_of
from .remedy import Remedy, Unreadable, Value

LINES = 200  # lines that are looked at to see how the columns are separated
ALIKE = 0.9  # the share of them that must have the same number of cells
OTHERS = (";", "\t", "|", ",", " ")  # what may separate columns
KINDS = {
    b"PAR1": ("it is a parquet file", Remedy(ending=".parquet")),
    b"PK\x03\x04": (
        "it is an Excel workbook, or a zip archive",
        Remedy(otherwise="its name has to end with .xlsx, if it is a workbook"),
    ),
    b"\xd0\xcf\x11\xe0": (
        "it is a workbook of Excel 97 to 2003",
        Remedy(otherwise="its name has to end with .xlsx, after Excel has saved it as that"),
    ),
}
JSON = re.compile(r"\[\s*([{\[]|$)|\{\s*[\"}]")
GZIP = b"\x1f\x8b"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
APOSTROPHE, APOSTROPHES = "'", re.compile("'[^']+'")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
DECIMAL_COMMA, DECIMAL_POINT = (re.compile(rf"[+-]?\d+{point}\d+") for point in (",", r"\."))


def other_kind(head: bytes, path: Path, form: Format) -> Unreadable | None:
    """Say what a file is, if it is not text in the declared encoding; otherwise return None."""
    for mark, (kind, remedy) in KINDS.items():
        if head.startswith(mark):
            return Unreadable(kind, remedy)
    if head.startswith(GZIP):
        return Unreadable("it is compressed by gzip", Remedy(ending=f"{path.suffix}.gz"))
    is_utf_16 = form.encoding.lower().replace("_", "-").startswith("utf-16")
    if head.startswith(UTF_16) and not is_utf_16:
        return _declare("it is written in UTF-16", encoding="utf-16")
    if b"\x00" in head[:1000] and not is_utf_16:
        order = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        return _declare("it holds zero bytes, as text in UTF-16 does", encoding=order)
    start = text_of(head[:1000], form).read().lstrip()
    if JSON.match(start):
        return _json(text_of(head, form).readline().strip())
    if start[:1] == "<":
        return Unreadable("it is a page of HTML or XML; was one downloaded instead of the table?")
    return None


def _json(line: str) -> Unreadable:
    try:
        is_lines = isinstance(json.loads(line), dict)
    except ValueError:
        is_lines = False
    kind, ending = ("JSON, an object a line", ".jsonl") if is_lines else ("JSON", ".json")
    return Unreadable(f"it is {kind}", Remedy(ending=ending))


def other_layout(head: bytes, separator: str, form: Format) -> Unreadable | None:
    """Say how the columns of a text are separated and where they begin, if not as declared; otherwise None.

    The separator that gives columns from the earliest line on is chosen; of two such, the declared one.
    """
    ways = []
    for order, other in enumerate([separator, *(one for one in OTHERS if one != separator)]):
        rows = _first_rows(head, other, form)
        columns = Counter(len(row) for _, row in rows).most_common(1)[0][0] if rows else 0
        wide = [at for at, (_, row) in enumerate(rows) if len(row) == columns]
        at = next((at for at in wide if _is_header(rows[at][1])), 0)
        if at not in wide:  # then the lines above the rows have another number of columns
            continue
        alike = sum(len(row) == columns for _, row in rows[at:])
        if columns > 1 and alike >= max(2, ALIKE * len(rows[at:])):
            ways.append((rows[at][0], order, other, rows[0][0], [row for _, row in rows[at + 1 :]]))
    if not ways:
        return None
    line, _, other, first, below = min(ways)
    found: dict[str, Value] = {} if other == separator else {"separator": other}
    cells = [cell.strip() for row in below for cell in row]
    comma, point = (any(map(pattern.fullmatch, cells)) for pattern in (DECIMAL_COMMA, DECIMAL_POINT))
    if other != "," and form.decimal == "." and comma and not point:
        found["decimal"] = ","
    if line > first:
        found["skip_rows"] = line - 1
    if not found:
        return None
    where = f"line {line} looks like the header" if line > first else f"its header is line {line}"
    words = {"\t": "tabs", " ": "blanks"}
    apart = (
        f", and its columns are separated by {words.get(other, repr(other))}" if other != separator else ""
    )
    return _declare(f"{where}{apart}", **found)


def other_quote(header: list[str], form: Format) -> Unreadable | None:
    """Say that cells are quoted in another way than declared, if they are; otherwise return None."""
    quoted = form.quote != APOSTROPHE and all(APOSTROPHES.fullmatch(name) for name in header)
    what = "its header has each name in apostrophes"
    return _declare(what, quote=APOSTROPHE) if quoted else None


def _is_header(row: list[str]) -> bool:
    """Tell whether cells may be names: no cell is a number, and none is empty, except perhaps the first."""
    return all(row[1:]) and not any(NUMBER.fullmatch(cell.strip()) for cell in row)


def _first_rows(head: bytes, separator: str, form: Format) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in rows_of(text_of(head, form), separator, form):
            rows += [row] if row[1] else []  # an empty line is not a row
            if len(rows) == LINES:
                break
    except csv.Error:  # a cell that is too long
        pass
    return rows


def wrong_encoding(path: Path, form: Format) -> Unreadable:
    """Name the first line that is not in the declared encoding."""
    if encoding_of(form) != "utf-8-sig":
        return Unreadable(f"it is not written in {form.encoding}, as data.format.encoding says")
    with binary(path) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return _declare(f"line {number} is not in UTF-8, but perhaps in Latin-1", encoding="cp1252")
    return Unreadable("it is not in UTF-8")


def _declare(what: str, **keys: Value) -> Unreadable:
    """Say what a file is, and with which keys in params.yaml it can be read."""
    return Unreadable(what, Remedy(format=(keys,)))
