"""The lines and the rows of a file of text, whether it is compressed or not."""

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import IO, Literal, cast

from ..params import Format

HEAD = 2**20  # bytes that are looked at to see what a file is


def ending(path: Path) -> str:
    """Return the ending of a file's name, which says how it is written, in small letters without `.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return "".join(suffixes[:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:])


def head(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed if its name says that it is compressed.

    Raises:
        ValueError: it is not compressed, or damaged.
    """
    try:
        with binary(path) as file:
            return file.read(HEAD)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise ValueError("its name says that it is compressed by gzip; it is not, or it is damaged") from None


def binary(path: Path) -> IO[bytes]:
    """Open a file; it is decompressed if its name says that it is compressed."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def opened(path: Path, form: Format) -> IO[str]:
    """Open a file as text, with a mark in place of a letter that cannot be read."""
    return TextIOWrapper(binary(path), encoding=encoding_of(form), errors="replace", newline="")


def text_of(head: bytes, form: Format) -> IO[str]:
    """Return the lines of a file's first bytes, with a mark in place of a letter that cannot be read."""
    text = codecs.getincrementaldecoder(encoding_of(form))("replace").decode(head)
    whole = text if len(head) < HEAD else text[: text.rfind("\n") + 1] or text
    return StringIO(whole, newline="")


def rows_of(
    lines: Iterable[str], separator: str, form: Format, strict: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Go through the rows of a text, each with the number of its last line, from 1.

    Args:
        lines: the text's lines.
        separator: the separator of its cells; a blank stands for any number of blanks and tabs.
        form: the form with the lines before the first row, and the quote.
        strict: whether a quote that is not closed is an error.
    """
    waiting = iter(lines)
    for _ in range(form.skip_rows):
        next(waiting, "")
    if separator == " ":
        waiting = (" ".join(line.split()) for line in waiting)
    quoted: Literal[0, 3] = csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE
    reader = csv.reader(waiting, delimiter=separator, quotechar=form.quote, quoting=quoted, strict=strict)
    for row in reader:
        yield form.skip_rows + reader.line_num, row


def encoding_of(form: Format) -> str:
    """Return the encoding; in UTF-8, a byte order mark at the beginning is not part of the text."""
    return "utf-8-sig" if codecs.lookup(form.encoding).name == "utf-8" else form.encoding
