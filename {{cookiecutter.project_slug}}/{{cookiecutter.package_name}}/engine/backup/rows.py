"""The rows of an sqlite store, table by table, and their text for PostgreSQL."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, TextIO

Row = tuple[Any, ...]
ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Table:
    """Rows of a table.

    Attributes:
        name: the table's name.
        columns: the names of the columns.
        rows: the rows, each with one value for each column.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def tables_of(database: Path) -> Iterator[Table]:
    """Yield the tables that have rows; tables that others refer to come first."""
    with closing(sqlite3.connect(database)) as connection:
        for name in _in_order(connection):
            if connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone():
                rows = connection.execute(f'SELECT * FROM "{name}"')
                yield Table(name, tuple(column for column, *_ in rows.description), rows)


def write_copy(table: Table, script: TextIO) -> None:
    """Write rows to a script of psql, as a COPY command."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    script.write(f'COPY "{table.name}" ({columns}) FROM stdin;\n')
    for row in table.rows:
        script.write("\t".join(map(_copied, row)) + "\n")
    script.write("\\.\n")


def _copied(value: Any) -> str:
    """Return a value in the form that PostgreSQL's COPY reads."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return str(value).translate(ESCAPED)


def _in_order(connection: sqlite3.Connection) -> list[str]:
    """List the tables, each after the tables that its foreign keys refer to."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    named = sorted(name for (name,) in tables if not name.startswith("sqlite_"))
    parents = {
        name: {key[2] for key in connection.execute(f'PRAGMA foreign_key_list("{name}")')} - {name}
        for name in named
    }
    try:
        return [name for name in TopologicalSorter(parents).static_order() if name in parents]
    except CycleError as error:
        raise ValueError(f"MLflow's tables refer to each other in a circle: {error.args[1]}") from None
