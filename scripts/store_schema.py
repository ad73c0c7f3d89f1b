"""Write the tables of an empty store for the engine: `python -m scripts.store_schema`.

To be done when `make lock` has taken another MLflow. Until then a project makes its store by MLflow's
migrations, which takes a second more, and a test fails.
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
    """Have MLflow make a store, and write its tables."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "mlflow.db")
        mlflow.MlflowClient(f"sqlite:///{database.as_posix()}")
        lines = "\n".join([HEAD.format(mlflow.__version__), *statements(database)])
    SCHEMA.write_text("\n".join(line.rstrip() for line in lines.splitlines()) + "\n", encoding="utf-8")


def statements(database: Path) -> Iterator[str]:
    """Yield the statements that make a store's tables, with the rows of some, and its indices.

    Where the migrations have no fixed order, they are in the order of their text.
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
