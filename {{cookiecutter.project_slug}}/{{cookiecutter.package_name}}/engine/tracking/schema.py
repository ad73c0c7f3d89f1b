"""The tables of an empty local store, which one version of MLflow makes in more than fifty migrations."""

from contextlib import closing
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
HEAD = "-- The tables of MLflow {}, written by the template's scripts/store_schema.py"


def fill(database: Path) -> None:
    """Write the tables into a new file, if they are those of the installed MLflow.

    Otherwise MLflow makes them itself, which takes a second of processor time, and the memory of all
    migrations until the process ends.
    """
    import sqlite3  # not at the top: a `register` with nothing to do does not need it

    import mlflow

    script = SCHEMA.read_text(encoding="utf-8")
    if script.startswith(HEAD.format(mlflow.__version__) + "\n"):
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(f"PRAGMA synchronous = OFF; BEGIN;\n{script}COMMIT;")
