import hashlib
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.base.hashing import file_md5
from penguins.engine.registry.lookup import find_run
from penguins.engine.reproduction.comparison import compare
from penguins.engine.reproduction.inputs import provide
from penguins.engine.reproduction.scratch import checked_out
from penguins.engine.tracking import recipes, store
from penguins.engine.tracking.abandoned import FAILURE
from penguins.engine.tracking.records import EVALUATED
from penguins.engine.tracking.results import Result
from penguins.engine.tracking.searches import SEARCH, TRIAL

from tests.support.repository import commit, git

WAS = Result({"rmse": 0.1, "latency_ms": 7.0}, "actual,predicted\n1.0,1.5\n2.0,2.5\na,b\n")


def test_equal_results_are_identical_but_for_the_time_they_took() -> None:
    now = replace(WAS, metrics={"rmse": 0.1, "latency_ms": 9.0})
    found = compare(WAS, now)
    assert (found.metrics, found.compared, found.rows, found.of_rows) == ({}, 1, 0, 3)
    assert compare(WAS, replace(WAS, predictions=WAS.predictions.replace("2.5", "2.50"))).rows == 0


@pytest.mark.parametrize(
    ("old", "new", "rows", "largest"),
    [
        ("2.5", "2.5000000000000004", 1, 4.440892098500626e-16),
        ("a,b", "a,c", 1, 0.0),
        ("1.0,1.5\n2.0,2.5", "x,1.75\n2.0,3.5", 2, 1.0),
        ("a,b\n", "", 1, 0.0),
        ("a,b\n", "a,b\na,b\n", 1, 0.0),
        ("predicted", "probability", 3, 0.0),
        ("2.5", "nan", 1, 0.0),
        ("2.5", "", 1, 0.0),
    ],
)
def test_a_row_that_differs_is_counted(old: str, new: str, rows: int, largest: float) -> None:
    found = compare(WAS, replace(WAS, predictions=WAS.predictions.replace(old, new)))
    assert (found.rows, found.largest) == (rows, largest)


def test_a_metric_that_differs_is_named() -> None:
    found = compare(WAS, replace(WAS, metrics={"rmse": 0.10000000000000002, "mae": 1.0}))
    assert found.metrics == {"rmse": (0.1, 0.10000000000000002), "mae": (None, 1.0)}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project in a folder of a repository, with hooks that must not run, and go there."""
    root = tmp_path / "repository"
    project = root / "sub project"
    (project / ".dvc").mkdir(parents=True)
    monkeypatch.chdir(project)
    (project / "code.py").write_text("one = 1\n")
    git("init", "--quiet", "..")
    commit()
    hook = root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path.as_posix()}/hook ran'\n")
    hook.chmod(0o755)
    return project


def state() -> list[str]:
    return [git("status", "--porcelain"), git("for-each-ref"), git("worktree", "list")]


def test_a_copy_is_of_the_commit_and_leaves_the_repository_alone(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "code.py").write_text("two = 2\n")
    (project / "new.bin").write_bytes(bytes(range(256)))
    git("add", ".")
    diff = subprocess.run(["git", "diff", "--cached", "--binary"], cwd=project, capture_output=True).stdout
    before = state()
    first = git("rev-parse", "HEAD")

    monkeypatch.setenv("GIT_DIR", str(project.parent / ".git"))  # as in a hook
    monkeypatch.setenv("GIT_INDEX_FILE", str(project.parent / ".git" / "index"))
    with checked_out(project, first) as scratch:
        assert (scratch.project / "code.py").read_bytes() == b"one = 1\n"
        scratch.apply(diff)
        assert (scratch.project / "code.py").read_bytes() == b"two = 2\n"
        assert (scratch.project / "new.bin").read_bytes() == bytes(range(256))
        with pytest.raises(UserError, match="do not fit"):
            scratch.apply(diff)
        folder = scratch.folder
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert not folder.exists()
    assert not (tmp_path / "hook ran").exists()
    assert state() == before


def test_a_commit_that_is_not_there_is_a_line(project: Path) -> None:
    with (
        pytest.raises(UserError, match=r"does not have the recorded commit 0000.*git fetch"),
        checked_out(project, "0" * 40),
    ):
        pass


def test_files_are_copied_by_their_md5(project: Path) -> None:
    (project / "table.csv").write_text("a\n1\n")
    md5 = file_md5(project / "table.csv")
    cached = project / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    with checked_out(project, git("rev-parse", "HEAD")) as scratch:
        assert provide(scratch, project, {"table.csv": md5}) == []  # from the workspace
    cached.parent.mkdir(parents=True)
    (project / "table.csv").rename(cached)
    with checked_out(project, git("rev-parse", "HEAD")) as scratch:
        assert provide(scratch, project, {"in a/folder.csv": md5}) == []  # from the cache, under any name
        assert (scratch.project / "in a/folder.csv").read_text() == "a\n1\n"
        assert cached.stat().st_nlink == 1
        with pytest.raises(UserError, match="outside the project"):
            provide(scratch, project, {str(project / "other.csv"): md5})
    assert not (project / "other.csv").exists()


@pytest.mark.parametrize(
    ("status", "tags", "says"),
    [
        ("FINISHED", {"dvc.stage": "validate"}, "is a validation of data"),
        ("FINISHED", {SEARCH: "1"}, "is a search of `tune`"),
        ("FINISHED", {TRIAL: "1"}, "or a trial of one"),
        ("FINISHED", {}, "was not made by a stage of the pipeline"),
        ("FAILED", {"dvc.stage": "train", FAILURE: "no memory\nat all"}, "has no metrics: no memory"),
        ("KILLED", {"dvc.stage": "train"}, "is KILLED and has no metrics: no reason is on record"),
        ("RUNNING", {"dvc.stage": "train"}, "has no metrics: it is still running"),
        ("FINISHED", {"dvc.stage": "train"}, "has no metrics: it was not evaluated"),
        (
            "FINISHED",
            {"dvc.stage": "train", EVALUATED: "true", "git.commit": "a", "git.dirty": "unknown"},
            "has no record of the uncommitted changes",
        ),
    ],
)
def test_why_a_run_cannot_be_made_again(finished: Path, status: str, tags: dict[str, str], says: str) -> None:
    client = store.connect()
    made = client.create_run(store.experiment_id(client, store.experiment_name()), tags=tags)
    client.set_terminated(made.info.run_id, status)
    with pytest.raises(UserError, match=re.escape(says)) as error:
        recipes.read_recipe(client, client.get_run(made.info.run_id))
    assert len(str(error.value).splitlines()) == 1
    client.delete_run(made.info.run_id)


def test_a_run_without_a_commit_cannot_be_made_again(finished: Path) -> None:
    client = store.connect()
    (run,) = client.search_runs([store.experiment_id(client, store.experiment_name())])
    assert find_run(client, run.info.run_id[:6]).info.run_id == run.info.run_id
    assert find_run(client, "@challenger").info.run_id == run.info.run_id
    with pytest.raises(UserError, match="has no commit on record"):
        recipes.read_recipe(client, run)
    client.set_tag(run.info.run_id, "git.commit", "0" * 40)
    client.set_tag(run.info.run_id, "git.dirty", "false")
    recipe = recipes.read_recipe(client, client.get_run(run.info.run_id))
    assert recipe.params == paths.PARAMS.read_bytes()
    client.set_tag(run.info.run_id, "git.base", "1" * 40)  # and no changes since
    recipe = recipes.read_recipe(client, client.get_run(run.info.run_id))
    assert (recipe.base, recipe.since) == ("1" * 40, b"")
    client.set_tag(run.info.run_id, "params.md5", "0" * 32)
    with pytest.raises(UserError, match=r"params.yaml does not match its tag params.md5"):
        recipes.read_recipe(client, client.get_run(run.info.run_id))


def test_data_come_from_a_remote_whose_path_is_not_ascii(project: Path) -> None:
    content = b"from far away\n"
    md5 = hashlib.md5(content).hexdigest()
    stored = project / "rémote" / "files" / "md5" / md5[:2] / md5[2:]
    stored.parent.mkdir(parents=True)
    stored.write_bytes(content)
    remote = "[core]\n    remote = storage\n['remote \"storage\"']\n    url = ../rémote\n"
    (project / ".dvc" / "config").write_text(remote, encoding="utf-8")
    with checked_out(project, git("rev-parse", "HEAD")) as scratch:
        assert provide(scratch, project, {"far.csv": md5}) == []
        assert (scratch.project / "far.csv").read_bytes() == content
