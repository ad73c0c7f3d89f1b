"""Write the tables of an empty store for the engine: `python -m scripts.store_schema`.

Run it after `make lock` has changed the version of MLflow. Until then, a project makes its store with
MLflow's migrations, which take a second longer, and a test fails.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
SCHEMA = TEMPLATE / "{{cookiecutter.project_slug}}/{{cookiecutter.package_name}}/engine/tracking/schema.sql"
HEAD = "-- The tables of MLflow {}, written by the template's scripts/store_schema.py"
ROWS = ("alembic_version", "workspaces")  # the tables in which the migrations leave rows


def main() -> None:
    """Let MLflow make a store, and write its tables to the engine's file."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "mlflow.db")
        mlflow.MlflowClient(f"sqlite:///{database.as_posix()}")
        lines = "\n".join([HEAD.format(mlflow.__version__), *statements(database)])
    SCHEMA.write_text("\n".join(line.rstrip() for line in lines.splitlines()) + "\n", encoding="utf-8")


def statements(database: Path) -> Iterator[str]:
    """Yield the statements that make a store's tables, the rows of some of them, and the indices.

    Statements for which the migrations have no fixed order are sorted by their text.
    """
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute(
            "SELECT type, sql FROM sqlite_master "
            "WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        ).fetchall()
        rows = [line for line in connection.iterdump() if line.startswith("INSERT")]
    yield from (f"{sql};" for kind, sql in made if kind == "table")
    yield from (line for line in rows if line.split('"')[1] in ROWS)
    yield from sorted(f"{sql};" for kind, sql in made if kind != "table")


if __name__ == "__main__":
    main()
