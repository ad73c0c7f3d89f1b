"""Results in conflict after a real `git merge`, resolved by a real DVC in a pipeline that takes no time."""

import json
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.repo import Repo
from penguins.engine.base import git
from penguins.engine.base.conflicts import check_none
from penguins.engine.base.errors import UserError
from penguins.engine.commands import merge

pytestmark = pytest.mark.slow

# `train` counts how often it runs; its result depends on `model` alone, that of `evaluate` on both
PIPELINE = """\
stages:
  train:
    cmd: python work.py model trained.txt && echo run >> runs.log
    deps: [work.py, data/table.csv]
    params: [model]
    outs: [trained.txt]
  evaluate:
    cmd: mkdir -p reports && python work.py model,limit reports/metrics.json
    deps: [trained.txt]
    params: [limit]
    metrics: [{reports/metrics.json: {cache: false}}]
"""
WORK = """\
import json, re, sys
text = open("params.yaml").read()
values = {name: re.search(f"^{name}: (.*)$", text, re.MULTILINE)[1] for name in sys.argv[1].split(",")}
open(sys.argv[2], "w").write(json.dumps({**values, "rows": len(open("data/table.csv").readlines())}))
"""
BETWEEN = "".join(f"# {number}\n" for number in range(8))  # so that git merges the lines around it by itself


def params(model: int = 1, limit: int = 1) -> str:
    return f"model: {model}\n{BETWEEN}limit: {limit}\n"


def commit(message: str) -> None:
    git.ask("add", "--all")
    git.ask("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", message)


def branch(name: str, content: str, *tables: str) -> None:
    """Make a branch from the first commit: other parameters, perhaps another table, and their results."""
    git.ask("switch", "--quiet", "--create", name, "start")
    with Repo() as repo:
        repo.checkout(force=True)
        Path("params.yaml").write_text(content)
        for table in tables:
            Path("data/table.csv").unlink()
            Path("data/table.csv").write_text(table)
            repo.add("data/table.csv")
        repo.reproduce()
    commit(name)


def join(name: str) -> str:
    """Merge a branch, which ends in conflicts; return what git prints."""
    user = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    return subprocess.run(["git", *user, "merge", name], capture_output=True, text=True).stdout


def resolve() -> None:
    merge.main(Namespace())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a repository with a branch for another model, one for another limit, one for another table."""
    folder = tmp_path_factory.mktemp("merged")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("DVC_ROOT", raising=False)
        git.ask("init", "--quiet", "--initial-branch=start")
        files = {"dvc.yaml": PIPELINE, "work.py": WORK, "params.yaml": params(), ".gitignore": "runs.log\n"}
        Path("data").mkdir()
        for name, text in {**files, "data/table.csv": "a\n1\n"}.items():
            Path(name).write_text(text)
        with Repo.init() as repo:
            repo.add("data/table.csv")
            repo.reproduce()
        commit("start")
        branch("model", params(model=2))
        branch("table", params(limit=3), "a\n1\n2\n")
        branch("limit", params(limit=2))
    return folder


@pytest.fixture
def here(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide the same on the branch `limit`, put back after the test."""
    monkeypatch.chdir(made)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    yield made
    subprocess.run(["git", "merge", "--abort"], capture_output=True)
    git.ask("checkout", "--quiet", "--force", "limit")
    with Repo() as repo:
        repo.checkout(force=True)


def runs() -> int:
    return len(Path("runs.log").read_text().splitlines())


def test_results_are_made_again_and_what_either_side_has_made_is_taken(here: Path) -> None:
    join("model")
    with pytest.raises(UserError, match=r"dvc\.lock, .*metrics\.json: git left the marks .* merge`"):
        check_none()
    before = runs()
    resolve()
    check_none()
    assert json.loads(Path("reports/metrics.json").read_text()) == {"model": "2", "limit": "2", "rows": 2}
    assert runs() == before  # the other branch has trained this model
    assert git.text("diff", "--name-only", "--diff-filter=U") == git.text("diff", "--name-only") == ""
    with Repo() as repo:
        assert repo.status() == {}


def test_data_of_the_other_branch_are_put_into_the_workspace(here: Path) -> None:
    Path("params.yaml").write_text(params(limit=3))
    commit("the same limit")
    join("table")
    recorded = Path("data/table.csv.dvc").read_text()
    resolve()
    assert Path("data/table.csv").read_text() == "a\n1\n2\n"
    assert Path("data/table.csv.dvc").read_text() == recorded
    assert json.loads(Path("reports/metrics.json").read_text()) == {"model": "1", "limit": "3", "rows": 3}
    git.ask("reset", "--quiet", "--hard", "HEAD~1")


def test_what_a_person_edited_is_left_to_the_person(here: Path) -> None:
    join("table")  # both have another limit
    with pytest.raises(UserError, match=r"params\.yaml: in conflict.*`git add params\.yaml`, then .* merge"):
        resolve()
    assert "<<<<<<<" in Path("dvc.lock").read_text()  # nothing was touched
    Path("params.yaml").write_text(params(limit=4))
    git.ask("add", "params.yaml")
    resolve()
    assert json.loads(Path("reports/metrics.json").read_text())["limit"] == "4"


def test_a_table_that_both_have_replaced_is_left_to_the_person(here: Path) -> None:
    branch("other-table", params(limit=3), "a\n7\n8\n9\n")
    join("table")
    with pytest.raises(UserError, match=r"`git checkout --ours data/table\.csv\.dvc` or `--theirs`"):
        resolve()


def test_without_a_conflict_the_results_are_brought_up_to_date(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("params.yaml").write_text(params(model=5, limit=2))
    resolve()
    assert "nothing is in conflict" in capfd.readouterr().out
    assert json.loads(Path("reports/metrics.json").read_text())["model"] == "5"


def test_a_pipeline_that_fails_is_an_exit_code(here: Path) -> None:
    join("model")
    Path("work.py").write_text("raise SystemExit(3)")
    git.ask("add", "work.py")
    with pytest.raises(SystemExit) as ended:
        resolve()
    assert ended.value.code
