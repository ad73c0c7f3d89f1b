"""A local store's database is made without waiting for the disk at each step, and is whole or not there."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import mlflow
import pytest
from penguins.engine.tracking import local_store, schema
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

OFF, FULL = 0, 2  # sqlite's own numbers, and its default


def waits(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


@pytest.mark.parametrize("stopped", [False, True])
def test_a_new_database_is_whole_or_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stopped: bool
) -> None:
    seen: list[int] = []

    def client(uri: str) -> Any:
        engine = create_engine(uri)
        seen.append(waits(engine))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE runs (id INTEGER)"))
        assert not database.exists()
        if stopped:
            raise KeyboardInterrupt

    monkeypatch.setattr(mlflow, "MlflowClient", client)
    monkeypatch.setattr(mlflow, "__version__", "another")
    database = tmp_path / "new" / "mlflow.db"
    if stopped:
        with pytest.raises(KeyboardInterrupt):
            local_store.create(database)
    else:
        local_store.create(database)
    assert list(database.parent.iterdir()) == ([] if stopped else [database])
    assert seen == [OFF]
    assert waits(create_engine(f"sqlite:///{tmp_path / 'another.db'}")) == FULL


def tables(database: Path) -> dict[str, list[str]]:
    """What a store has: by the name of each table and index its lines, in any order."""
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
        rows = [line for line in connection.iterdump() if line.startswith("INSERT")]
    lines = {name: sorted(line.strip(" \t,") for line in sql.splitlines()) for name, sql in made}
    return {**lines, "rows": sorted(row for row in rows if '"experiments"' not in row)}  # it has times


def test_the_tables_are_those_of_mlflows_migrations(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    schema.fill(ours)
    mlflow.MlflowClient(f"sqlite:///{theirs}")
    assert tables(ours) == tables(theirs), "write them anew: python -m scripts.store_schema"


def test_another_mlflow_makes_its_own_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mlflow, "__version__", "3.17")
    schema.fill(tmp_path / "mlflow.db")
    assert not [*tmp_path.iterdir()]
