"""Tables that are written part by part: CSV or parquet, by the ending of the file's name."""

import csv
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.files import write_json
from ..table.lines import ending

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".csv", ".csv.gz", ".parquet")
METADATA = b"predicted_by"  # the key in the metadata of a parquet file


def check_name(path: Path) -> None:
    """Check that a file's name says how to write it, and that it is not the name of a folder.

    Raises:
        UserError: one of these is not so.
    """
    if path.is_dir():
        raise UserError(f"{path}: is a folder; give OUTPUT another name")
    if not path.name.lower().endswith(ENDINGS):
        raise UserError(f"{path}: the name has to end with {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")


class Writer:
    """Writes a table of any length; only one part at a time is in memory."""

    def __init__(self, to: Path, name: Path, metadata: dict[str, Any] | None = None) -> None:
        """Take the file.

        Args:
            to: where it is written.
            name: the name that it will have.
            metadata: what is written into the metadata of a parquet file.
        """
        self.to, self.name, self.metadata = to, name, metadata
        self.rows = 0
        self._writer: Any = None
        self._stream: Any = None

    def __enter__(self) -> "Writer":
        """Open nothing yet: the columns are not known."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        for part in (self._writer, self._stream):
            if part is not None:
                part.close()

    def write(self, table: "pa.Table") -> None:
        """Write a part; all have the same columns."""
        if self._writer is None:
            self._open(table.schema)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def _open(self, schema: "pa.Schema") -> None:
        from pyarrow import CompressedOutputStream, OSFile
        from pyarrow.parquet import ParquetWriter

        if ending(self.name) == ".parquet":
            added = {METADATA: json.dumps(self.metadata).encode()} if self.metadata else {}
            schema = schema.with_metadata({**(schema.metadata or {}), **added})
            self._writer = ParquetWriter(str(self.to), schema)
            return
        self._stream = OSFile(str(self.to), "wb")
        if self.name.suffix.lower() == ".gz":
            self._stream = CompressedOutputStream(self._stream, "gzip")
        self._writer = _Text(self._stream)
        self._writer.write_header(schema.names)


@dataclass(frozen=True)
class _Text:
    """Writes CSV to a stream, with quotes only in parts that need them: Arrow's own way is all or nothing."""

    stream: Any

    def write_header(self, names: list[str]) -> None:
        line = StringIO()
        csv.writer(line, lineterminator="\n").writerow(names)
        self.stream.write(line.getvalue().encode())

    def write_table(self, table: "pa.Table") -> None:
        import pyarrow as pa
        from pyarrow.csv import WriteOptions, write_csv

        for style in ("none", "needed"):
            part = pa.BufferOutputStream()
            try:
                write_csv(table, part, WriteOptions(include_header=False, quoting_style=style))
            except pa.ArrowInvalid:  # a cell contains a comma, a quote or a line break
                if style == "needed":
                    raise
            else:
                self.stream.write(part.getvalue())
                return

    def close(self) -> None:
        """Leave the stream to the code that opened it."""


def sidecar(path: Path) -> Path:
    """Return the path of a file's metadata, if the file itself cannot hold any."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, metadata: dict[str, Any]) -> None:
    """Write the metadata of a file beside it, if it cannot hold any itself."""
    if ending(path) != ".parquet":
        write_json(sidecar(path), metadata)
