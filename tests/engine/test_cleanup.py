"""What may be deleted: nothing that git, another clone or another worktree may need; and then it is gone."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.base.paths import EVALUATION, METRICS
from penguins.engine.lineage import run_ids
from penguins.engine.tracking import cleanup, store
from penguins.engine.tracking.clones import MARK, clone_id
from penguins.engine.tracking.deletion import KEYS, LINKS, delete_rows

from tests.engine.conftest import set_up
from tests.support.repository import commit as commit_all
from tests.support.repository import git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project in a folder of a git repository, with one commit."""
    folder = tmp_path / "repository" / "project"
    (folder / ".dvc").mkdir(parents=True)
    set_up(folder, monkeypatch)
    git("init", "--quiet", "--initial-branch=main", cwd=folder.parent)
    commit("first")
    return folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a store that is in no project, made once."""
    file = tmp_path_factory.mktemp("shared store") / "shared.db"
    with pytest.MonkeyPatch.context() as patch:
        set_up(tmp_path_factory.mktemp("project"), patch)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{file}")
        yield file


def evaluated(run_id: str, root: Path | None = None, file: Path = EVALUATION) -> None:
    """Write which run was evaluated; before 1.1 that was among the metrics."""
    file = (root or Path()) / file
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"run_id": run_id}, indent=2), encoding="utf-8")


def commit(run_id: str) -> None:
    evaluated(run_id)
    commit_all("--message", run_id)


def test_whatever_git_knows_of_a_run_keeps_it(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitattributes").write_text("reports/** -diff\n")
    for name in ("one", "two", "three"):
        evaluated(f"stashed{name}")
        git("stash", "push", "--quiet", "--include-untracked")
    evaluated("older", file=METRICS)
    commit_all("--message", "of before 1.1")
    git("rm", "--quiet", str(EVALUATION), str(METRICS))
    git("commit", "--quiet", "--message", "none")
    evaluated("untracked")
    git("stash", "push", "--quiet", "--include-untracked")
    commit("amended")
    evaluated("amending")
    git("commit", "--quiet", "--all", "--amend", "--no-edit")
    for name in ("queued", "failed"):  # as DVC keeps them
        evaluated(f"{name}one")
        git("stash", "store", git("stash", "create"))
        git("update-ref", "--create-reflog", f"refs/exps/celery/{name}", git("rev-parse", "stash@{0}"))
        git("stash", "drop", "--quiet")
    evaluated("experiment")
    git("update-ref", "refs/exps/01/2345/tried", git("stash", "create"))
    git("checkout", "--quiet", ".")
    git("worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))
    evaluated("otherworkspace", tmp_path / "other" / "project")
    evaluated("staged")
    git("add", "--all")
    evaluated("here")

    named = run_ids.committed_run_ids()
    assert named >= {"first", "stashedone", "stashedtwo", "stashedthree", "untracked", "amended", "amending"}
    assert named >= {"queuedone", "failedone", "experiment", "older"}
    assert run_ids.workspace_run_ids() == {"here", "staged", "otherworkspace"}


def test_a_project_that_git_cannot_tell_about_is_one_line(project: Path) -> None:
    with pytest.raises(UserError, match="git does not show every commit: not a git repository"):
        run_ids.committed_run_ids()


def test_in_a_store_that_others_use_their_runs_are_left_alone(
    repository: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())

    def run(**tags: str) -> str:
        run_id = str(client.create_run(experiment, start_time=1, tags=tags).info.run_id)
        client.set_terminated(run_id)
        return run_id

    ours, theirs, old = run(clone=clone_id(repository)), run(clone="another"), run()
    trials = {"mlflow.parentRunId": ours}, {"mlflow.parentRunId": theirs}
    our_trial, _ = (run(**tags) for tags in trials)
    # a CI job's clone is gone; a job that was killed months ago does not go on either
    job = {"clone": "gone", "user.job": "https://ci/1"}
    of_ci = run(**job)
    killed = client.create_run(experiment, start_time=1, tags=job).info.run_id
    running = client.create_run(experiment, tags=job).info.run_id
    found = cleanup.find_unneeded(client, 9e9)
    assert {r.info.run_id for r in found.runs} == {ours, our_trial, of_ci, killed}
    client.set_terminated(killed)
    client.set_terminated(running)
    assert found.others == 3
    everything = cleanup.find_unneeded(client, 9e9, anyones=True)
    assert ({r.info.run_id for r in everything.runs} > {theirs, old}, everything.others) == (True, 0)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    assert not store.is_shared()


def test_a_clone_where_another_one_was_is_not_taken_for_it(repository: Path, tmp_path: Path) -> None:
    root = repository.parent
    first = clone_id(repository)
    assert clone_id(repository) == first
    git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    assert clone_id(tmp_path / "tree") == first
    git("clone", "--quiet", str(root), str(tmp_path / "second"))
    second = clone_id(tmp_path / "second")
    root.rename(tmp_path / "elsewhere")
    (tmp_path / "second").rename(root)
    assert len({first, second, clone_id(root), clone_id(tmp_path / "elsewhere")}) == 4


def test_a_clone_that_can_keep_no_mark_has_no_runs(repository: Path) -> None:
    (repository.parent / ".git" / MARK).mkdir()  # root, too, can write no file there
    assert clone_id(repository) != clone_id(repository)


def test_what_is_deleted_is_gone_with_all_that_refers_to_it(database: Path) -> None:
    from mlflow.entities import Dataset, DatasetInput, LoggedModelInput, Metric, Param

    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    params = [Param(str(i), "x" * 400) for i in range(90)]
    metrics = [Metric("m", 0.5, 1, i) for i in range(90)]
    gone, models = [], []
    for name in ("kept", "one", "two", "three"):
        run_id = client.create_run(experiment, run_name=name, start_time=1).info.run_id
        client.log_batch(run_id, metrics, params)
        model = client.create_logged_model(experiment, source_run_id=run_id, params={"a": "b"})
        data = DatasetInput(Dataset(name="d", digest=name, source_type="local", source="x"))
        client.log_inputs(run_id, models=[LoggedModelInput(model.model_id)], datasets=[data])
        client.set_terminated(run_id)
        gone.append(run_id)
        models.append(model.model_id)
    before = database.stat().st_size

    def rows() -> dict[str, int]:
        with closing(sqlite3.connect(database)) as db:
            named = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in named}

    full = rows()
    delete_rows(database, gone[1:], models[1:])
    fewer = {name: full[name] - count for name, count in rows().items() if count != full[name]}
    of_runs = {"runs": 3, "params": 270, "metrics": 270, "latest_metrics": 3, "tags": 3, "inputs": 6}
    assert fewer == {**of_runs, "logged_models": 3, "logged_model_params": 3}
    assert client.get_run(gone[0]).data.params == {param.key: param.value for param in params}
    assert database.stat().st_size < before - 50_000


def test_what_deletion_needs_of_mlflow_is_there(database: Path) -> None:
    """None of it is documented, so a new version of MLflow may change it without notice."""
    changed = (
        "MLflow has changed what engine/tracking/deletion.py depends on: adapt that page, or use `mlflow gc` "
    )
    changed += "if its drawbacks, which the page lists, are gone. It lacks "
    place = "mlflow.store.artifact.artifact_repository_registry"
    registry: Any = import_module(place) if find_spec(place) else None
    assert hasattr(registry, "get_artifact_repository"), changed + place
    repository = registry.get_artifact_repository((database.parent / "artifacts").as_uri())
    assert hasattr(repository, "delete_artifacts"), changed + "ArtifactRepository.delete_artifacts"
    store.connect()
    needed = {table: {column} for table, column in KEYS.items()}
    needed |= {"inputs": {"input_uuid", *LINKS}, "input_tags": {"input_uuid"}}
    with closing(sqlite3.connect(database)) as db:
        for table, columns in needed.items():
            existing = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
            assert columns <= existing, f"{changed}the columns {columns} of the table {table}"
