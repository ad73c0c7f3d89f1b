"""The database of a tracking store, or of a server's accounts: an sqlite file, or a PostgreSQL database."""

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from ..base.errors import UserError
from ..base.text import masked
from ..tracking.local_store import SQLITE, path_in
from . import programs
from .rows import Table, write_copy

Rows = list[tuple[str, ...]]  # the rows of a query, each value as text
VERSION = "SELECT version_num FROM alembic_version"
COUNTED = (
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = 'public' AND column_default LIKE 'nextval(%'"
)


class Database(Protocol):
    """What a backup and a restoration need from a database."""

    suffix: str

    def dump(self, to: Path) -> None:
        """Write the whole content of the database at one moment into a file."""

    def load(self, dump: Path) -> None:
        """Replace the whole content of the database by that of a dump."""

    def ask(self, query: str) -> Rows:
        """Return the rows of a query."""

    def is_empty(self) -> bool:
        """Tell whether the database has no tables, or does not exist."""

    def insert(self, tables: Iterable[Table]) -> None:
        """Insert rows, all of them or none."""


def database_at(uri: str) -> Database:
    """Return the database at a URI.

    Raises:
        UserError: the database is of another kind.
    """
    if uri.startswith(SQLITE):
        return Sqlite(Path.cwd() / path_in(uri))
    if uri.startswith(("postgresql:", "postgresql+", "postgres:")):
        return Postgres(uri)
    raise UserError(f"{masked(uri)}: not the database of a store; give sqlite:///FILE or postgresql://...")


class Sqlite:
    """The file of an sqlite database."""

    suffix = ".sqlite"

    def __init__(self, file: Path) -> None:
        """Take the database's file, which need not exist."""
        self.file = file

    def dump(self, to: Path) -> None:
        """Write the whole content at one moment into a file, while others may write to the database.

        Raises:
            UserError: the database's file does not exist, or is damaged: its backup would replace a good one.
        """
        if not self.file.exists():
            raise UserError(f"{self.file}: no such file; there is nothing to back up yet")
        with self._errors(), closing(sqlite3.connect(to)) as copy:
            with closing(sqlite3.connect(self.file)) as connection:
                connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # so that everything is in one file
            (answer,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            first = " ".join(answer.split())
            raise UserError(f"{self.file}: is damaged ({first[:200]}); `restore --replace` a backup")

    def load(self, dump: Path) -> None:
        """Replace the file by a copy of a dump."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(f"{self.file.name}.part")
        partial.write_bytes(dump.read_bytes())
        # these belong to the previous database; sqlite would apply them to the new one
        for name in ("-journal", "-wal", "-shm"):
            self.file.with_name(f"{self.file.name}{name}").unlink(missing_ok=True)
        partial.replace(self.file)

    def ask(self, query: str) -> Rows:
        """Return the rows of a query."""
        with self._errors(), closing(sqlite3.connect(self.file)) as connection:
            rows = connection.execute(query).fetchall()
        return [tuple("" if value is None else str(value) for value in row) for row in rows]

    def is_empty(self) -> bool:
        """Tell whether the file does not exist, or has no tables."""
        return not self.file.exists() or not self.ask("SELECT name FROM sqlite_master LIMIT 1")

    def insert(self, tables: Iterable[Table]) -> None:
        """Insert rows, all of them or none."""
        with self._errors(), closing(sqlite3.connect(self.file, timeout=60)) as connection, connection:
            for table in tables:
                columns = ", ".join(f'"{column}"' for column in table.columns)
                places = ", ".join("?" * len(table.columns))
                connection.executemany(
                    f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})', table.rows
                )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise UserError(f"{self.file}: {error}; `restore --replace` a backup, if it is damaged") from None


class Postgres:
    """A database of a PostgreSQL server."""

    suffix = ".dump"

    def __init__(self, uri: str) -> None:
        """Take the database's URI in SQLAlchemy's form."""
        self.uri = uri

    def dump(self, to: Path) -> None:
        """Write the whole content at one moment into a file, while others may write to the database."""
        programs.run("pg_dump", self.uri, "--format=custom", f"--file={to}")

    def load(self, dump: Path) -> None:
        """Replace the whole content of the database by that of a dump, in one transaction."""
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error")
        programs.run("pg_restore", self.uri, *options, "--single-transaction", str(dump))

    def ask(self, query: str) -> Rows:
        """Return the rows of a query."""
        options = ("--no-psqlrc", "--set=ON_ERROR_STOP=1", "--csv", "--tuples-only", f"--command={query}")
        return [tuple(row) for row in csv.reader(io.StringIO(programs.run("psql", self.uri, *options)))]

    def is_empty(self) -> bool:
        """Tell whether the database has no tables."""
        return not self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' LIMIT 1")

    def insert(self, tables: Iterable[Table]) -> None:
        """Insert rows, all of them or none, and let the server's own numbering continue after them."""
        counted = {(table, column) for table, column in self.ask(COUNTED)}
        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.sql"
            with file.open("w", encoding="utf-8", newline="\n") as script:
                for table in tables:
                    write_copy(table, script)
                    for column in table.columns:
                        if (table.name, column) in counted:
                            sequence = f"pg_get_serial_sequence('{table.name}', '{column}')"
                            script.write(f'SELECT setval({sequence}, max("{column}")) FROM "{table.name}";\n')
            options = ("--no-psqlrc", "--set=ON_ERROR_STOP=1", "--quiet", "--single-transaction")
            programs.run("psql", self.uri, *options, f"--file={file}")
