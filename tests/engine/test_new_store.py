"""A local store's database is made without waiting for the disk at each step, and is whole or not there."""

from pathlib import Path
from typing import Any

import mlflow
import pytest
from penguins.engine.tracking import local_store
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
    database = tmp_path / "new" / "mlflow.db"
    if stopped:
        with pytest.raises(KeyboardInterrupt):
            local_store.create(database)
    else:
        local_store.create(database)
    assert list(database.parent.iterdir()) == ([] if stopped else [database])
    assert seen == [OFF]
    assert waits(create_engine(f"sqlite:///{tmp_path / 'another.db'}")) == FULL
