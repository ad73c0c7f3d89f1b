"""Backups: what is restored is what was there, to the last byte, or nothing is touched."""

import os
import shutil
import sqlite3
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from penguins.engine.backup import making
from penguins.engine.backup.database import Postgres, database_at
from penguins.engine.backup.manifest import backups_in
from penguins.engine.backup.programs import without_password
from penguins.engine.backup.retention import Retention
from penguins.engine.backup.rows import Table, write_copy
from penguins.engine.base.errors import UserError
from penguins.engine.commands import backup, restore, tracking
from penguins.engine.tracking import moved, store

from tests.engine.conftest import set_up

MODEL = bytes(range(256)) * 40


def filled(folder: Path) -> str:
    """Log a run with a model that is a version, in the project in a folder; return the run's id."""
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    run = client.create_run(experiment)
    (folder / "note.txt").write_text("noted")
    client.log_artifact(run.info.run_id, str(folder / "note.txt"))
    model = client.create_logged_model(experiment, name="model", source_run_id=run.info.run_id)
    files = Path(model.artifact_location.removeprefix("file://"))
    files.mkdir(parents=True)
    (files / "MLmodel").write_text("flavors: {}\n")
    (files / "model.bin").write_bytes(MODEL)
    client.create_registered_model("things")
    client.create_model_version("things", f"models:/{model.model_id}", run.info.run_id)
    client.set_registered_model_alias("things", "champion", "1")
    client.set_terminated(run.info.run_id)
    return str(run.info.run_id)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a project with a store; nobody changes it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = set_up(tmp_path_factory.mktemp("source"), patch)
        filled(folder)
        yield folder


@pytest.fixture
def full(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a copy of that project, in a folder of its own."""
    folder = tmp_path / "project"
    shutil.copytree(source, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DVC_ROOT", str(folder))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    moved.repair(folder / "mlflow.db", folder)
    return folder


def run(command: Any, *arguments: str) -> None:
    parser = ArgumentParser()
    command.add_arguments(parser)
    command.main(parser.parse_args(list(arguments)))


def rows(database: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(database)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for (table,) in named}


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_restored_store_is_what_it_was_to_the_last_byte(full: Path, tmp_path: Path) -> None:
    before = rows(full / "mlflow.db"), files(full / "mlruns")
    run(backup, str(tmp_path / "kept"))
    for name in ("mlflow.db", "mlruns"):
        (full / name).rename(full / f"old-{name}")
    run(restore, str(tmp_path / "kept"))
    assert (rows(full / "mlflow.db"), files(full / "mlruns")) == before
    assert MODEL in before[1].values()


def test_what_is_there_is_replaced_only_if_told_to_and_is_kept(full: Path, tmp_path: Path) -> None:
    run(backup, str(tmp_path / "kept"))
    before = rows(full / "mlflow.db")
    with pytest.raises(UserError, match="the database of the store is not empty: --replace"):
        run(restore, str(tmp_path / "kept"))
    (full / "mlflow.db").unlink()
    with pytest.raises(UserError, match="mlruns: is not empty: --replace"):
        run(restore, str(tmp_path / "kept"))
    damaged = b"SQLite format 3\0" + b"\0" * 5000
    (full / "mlflow.db").write_bytes(damaged)
    with pytest.raises(UserError, match=r"mlflow.db: .*`restore --replace` a backup"):
        run(restore, str(tmp_path / "kept"))
    run(restore, str(tmp_path / "kept"), "--replace")
    assert rows(full / "mlflow.db") == before
    (aside,) = full.glob("mlflow.db.replaced-*")
    assert aside.read_bytes() == damaged
    assert len(list(full.glob("mlruns.replaced-*"))) == 1


def test_a_project_that_is_elsewhere_by_now_gets_its_own_paths(full: Path, tmp_path: Path) -> None:
    run(backup, str(tmp_path / "kept"))
    for name in ("mlflow.db", "mlruns"):
        (full / name).rename(full / f"old-{name}")
    with closing(sqlite3.connect(full / "old-mlflow.db")) as old:
        old_root = old.execute("SELECT artifact_location FROM experiments WHERE experiment_id = 1").fetchone()
    other = tmp_path / "other"
    shutil.copytree(full, other, ignore=shutil.ignore_patterns("old-*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(other)
        patch.setenv("DVC_ROOT", str(other))
        run(restore, str(tmp_path / "kept"))
    with closing(sqlite3.connect(other / "mlflow.db")) as new:
        new_root = new.execute("SELECT artifact_location FROM experiments WHERE experiment_id = 1").fetchone()
    assert (old_root, new_root) == (((full / "mlruns").as_uri(),), ((other / "mlruns").as_uri(),))


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_damaged_backup_touches_nothing(full: Path, tmp_path: Path, what: str) -> None:
    run(backup, str(tmp_path / "kept"))
    (made,) = backups_in(tmp_path / "kept")
    file = next(made.rglob("model.bin"))
    file.write_bytes(b"x" + MODEL[1:]) if what == "changed" else file.unlink()
    (full / "mlflow.db").rename(full / "old.db")
    (full / "mlruns").rename(full / "old")
    with pytest.raises(UserError, match=rf"model.bin: is {what} since the backup was made"):
        run(restore, str(made))
    assert not (full / "mlflow.db").exists()
    assert not (full / "mlruns").exists()


def test_a_damaged_database_is_not_backed_up(full: Path, tmp_path: Path) -> None:
    run(backup, str(tmp_path / "kept"))
    content = bytearray((full / "mlflow.db").read_bytes())
    content[4096 * 3 : 4096 * 40] = os.urandom(4096 * 37)
    (full / "mlflow.db").write_bytes(content)
    with pytest.raises(UserError, match=r"mlflow.db: .*`restore --replace` a backup"):
        run(backup, str(tmp_path / "kept"), "--keep", "0,0,0")
    assert len(backups_in(tmp_path / "kept")) == 1
    assert not list((tmp_path / "kept").glob("*.part"))
    run(restore, str(tmp_path / "kept"), "--replace")
    assert rows(full / "mlflow.db")["registered_models"]


def test_what_has_not_changed_is_kept_once(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, metrics = tmp_path / "kept", tmp_path / "backup.prom"
    run(backup, str(kept))

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(making, "datetime", Later)
    changed = next((full / "mlruns").rglob("note.txt"))
    changed.write_text("edited")
    next((full / "mlruns").rglob("MLmodel")).unlink()
    capsys.readouterr()
    run(backup, str(kept), "--textfile", str(metrics), "--keep", "7,4,12")
    assert "things version 1: its model has no files" in capsys.readouterr().out
    first, second = backups_in(kept)
    models, notes = ([next(b.rglob(name)) for b in (first, second)] for name in ("model.bin", "note.txt"))
    assert models[0].stat().st_ino == models[1].stat().st_ino
    assert [note.read_text() for note in notes] == ["noted", "edited"]
    lines = dict(line.split() for line in metrics.read_text().splitlines() if not line.startswith("#"))
    assert lines["mlflow_backup_count"] == "2"
    assert lines["mlflow_backup_versions_without_files"] == "1"
    assert (
        abs(float(lines["mlflow_backup_last_success_timestamp_seconds"]) - datetime.now().timestamp()) < 9e4
    )


def test_a_mistake_is_one_line(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for expected, command, arguments in (
        (
            "--artifacts \\(or MLFLOW_ARTIFACTS_DESTINATION\\) is missing",
            backup,
            ["--database", "sqlite:///x"],
        ),
        ("x://y: not the database of a store", backup, ["--database", "x://y", "--artifacts", "z"]),
        ("holds no backup; `backup` makes one", restore, []),
        ("only files whose names end in .prom", backup, ["--textfile", "metrics"]),
        ("nowhere.db: no such file", backup, ["--database", "sqlite:///nowhere.db", "--artifacts", "z"]),
    ):
        with pytest.raises(UserError, match=expected):
            run(command, str(tmp_path / "kept"), *arguments)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@server")
    with pytest.raises(UserError, match=r"http://\*\*\*@server: .*give --database and --artifacts"):
        run(backup, str(tmp_path / "kept"))
    assert backup.retention("7,4,12") == Retention()
    with pytest.raises(Exception, match="give days, weeks and months"):
        backup.retention("7")


def test_a_password_is_not_on_the_command_line() -> None:
    given = "postgresql+psycopg://me:p%40ss@host:5432/mlflow?sslmode=require"
    assert without_password(given) == ("postgresql://me@host:5432/mlflow?sslmode=require", "p@ss")
    assert without_password("postgresql:///mlflow") == ("postgresql:///mlflow", "")
    assert isinstance(database_at("postgres://host/x"), Postgres)


def test_a_program_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="psql: no such program; install PostgreSQL's client programs"):
        Postgres("postgresql://host/x").is_empty()


def test_retention_keeps_days_weeks_and_months() -> None:
    last = datetime(2026, 11, 27, 3, tzinfo=UTC)
    daily = [last - timedelta(days=days) for days in range(400)]
    kept = sorted(Retention(7, 4, 12).kept(daily), reverse=True)
    assert kept[:7] == daily[:7]
    assert len(kept) == 7 + 2 + 11  # the newest of two more weeks; the month ends are others
    assert {time.month for time in kept} == set(range(1, 13))
    twice = [last, last - timedelta(hours=1)]
    assert Retention(7, 4, 12).kept(twice) == {last}
    assert Retention(0, 0, 0).kept(daily) == {last}
    assert Retention().kept([]) == set()


@pytest.fixture
def server(full: Path, tmp_path: Path) -> tuple[Path, list[str]]:
    """Provide the empty store of a server, its database and its artifacts, and the options that name it."""
    database, artifacts = tmp_path / "server.db", tmp_path / "artifacts"
    uri = f"sqlite:///{database}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        store.connect()
    return database, ["--database", uri, "--artifacts", str(artifacts)]


def test_a_store_comes_to_a_server_with_all_its_ids(
    full: Path, tmp_path: Path, server: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    database, options = server
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) "
            "VALUES (1, 'other', 'mlflow-artifacts:/1', 'active')"
        )
    before, stored = rows(full / "mlflow.db"), files(full / "mlruns")
    run(tracking, "export", str(tmp_path / "moving"))
    run(tracking, "import", str(tmp_path / "moving"), *options)
    after = rows(database)
    for table in ("tags", "params", "metrics", "registered_models", "registered_model_aliases"):
        assert after[table] == before[table], table
    with closing(sqlite3.connect(database)) as connection:
        (experiment,) = connection.execute(
            "SELECT experiment_id, artifact_location FROM experiments LIMIT 1 OFFSET 2"
        )
        places = [
            connection.execute(f"SELECT {key}, {column} FROM {table}").fetchone()
            for table, key, column in (
                ("runs", "experiment_id", "artifact_uri"),
                ("logged_models", "experiment_id", "artifact_location"),
                ("model_versions", "version", "storage_location"),
            )
        ]
    assert experiment == (2, "mlflow-artifacts:/2")
    assert [key for key, _ in places] == [2, 2, 1]
    # by which a server with accounts reads the rights to a file
    assert all(place.startswith("mlflow-artifacts:/2/") for _, place in places)
    assert files(tmp_path / "artifacts") == {f"2/{name}": content for name, content in stored.items()}
    folder = places[2][1].removeprefix("mlflow-artifacts:/")
    assert (tmp_path / "artifacts" / folder / "model.bin").read_bytes() == MODEL
    assert rows(full / "mlflow.db") == before
    capsys.readouterr()
    with pytest.raises(UserError, match="the server has 1 of these runs already"):
        run(tracking, "import", str(tmp_path / "moving"), *options)


def test_a_second_laptop_adds_to_the_same_experiment(
    full: Path, tmp_path: Path, server: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, options = server
    run(tracking, "export", str(tmp_path / "first"))
    run(tracking, "import", str(tmp_path / "first"), *options)
    for name in ("mlflow.db", "mlruns"):
        (full / name).rename(full / f"old-{name}")
    store._client.cache_clear()
    second = filled(full)
    run(tracking, "export", str(tmp_path / "second"))
    with pytest.raises(UserError, match=r"a registered model 'things' already.*--without-registry"):
        run(tracking, "import", str(tmp_path / "second"), *options)
    run(tracking, "import", str(tmp_path / "second"), *options, "--without-registry")
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT run_uuid, experiment_id FROM runs").fetchall()
        assert connection.execute("SELECT count(*) FROM model_versions").fetchone() == (1,)
    assert len(found) == 2
    assert (second, 1) in found


def test_what_does_not_fit_a_server_is_one_line_before_any_work(
    full: Path, tmp_path: Path, server: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, options = server
    run(tracking, "export", str(tmp_path / "moving"))
    importing = ["import", str(tmp_path / "moving")]
    with pytest.raises(UserError, match="give its --database and --artifacts"):
        run(tracking, *importing)
    empty = ["--database", f"sqlite:///{tmp_path}/none.db", "--artifacts", str(tmp_path / "none")]
    with pytest.raises(UserError, match="start `mlflow server` on it once"):
        run(tracking, *importing, *empty)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    with pytest.raises(UserError, match=r"of another version of MLflow .older, these .*`mlflow db upgrade"):
        run(tracking, *importing, *options)
    with closing(sqlite3.connect(database)) as connection, connection:
        ((schema,),) = rows(full / "mlflow.db")["alembic_version"]
        connection.execute("UPDATE alembic_version SET version_num = ?", (schema,))
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (1, ?, 'deleted')",
            (store.experiment_name(),),
        )
    with pytest.raises(UserError, match="experiment 'penguins' is deleted"):
        run(tracking, *importing, *options)
    assert not (tmp_path / "artifacts").exists()
    with closing(sqlite3.connect(full / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE runs SET artifact_uri = 'file:///elsewhere/mlruns/x'")
    run(tracking, "export", str(tmp_path / "stale"))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM experiments WHERE experiment_id = 1")
    with pytest.raises(
        UserError, match=r"file:///elsewhere/mlruns/x: the artifact is not in .*`repair-paths`"
    ):
        run(tracking, "import", str(tmp_path / "stale"), *options)
    assert not rows(database)["runs"]
    assert not (tmp_path / "artifacts").exists()


def test_rows_are_written_as_postgresql_reads_them() -> None:
    script = StringIO()
    write_copy(Table("t", ("a", "b"), [("x\ty\\z\n", None), (1.5, b"\x00\xff")]), script)
    assert script.getvalue() == 'COPY "t" ("a", "b") FROM stdin;\nx\\ty\\\\z\\n\t\\N\n1.5\t\\\\x00ff\n\\.\n'
