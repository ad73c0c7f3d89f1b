"""What a version was made of is found in git by what the files hold, whatever became of its commit."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands import find
from penguins.engine.lineage.published import published, since_published
from penguins.engine.lineage.unused import changed_in_vain
from penguins.engine.registry.changes import Change
from penguins.engine.registry.provenance import ModelInputs, is_on_branch, makes, why_no_commit
from penguins.engine.registry.registry import ARCHIVED
from penguins.engine.registry.released import released
from penguins.engine.reproduction.code import code_of
from penguins.engine.reproduction.scratch import checked_out
from penguins.engine.tracking.recipes import Recipe

from tests.support.repository import commit, git

PARAMS = "model: {type: tree, depth: %d}\nregister: {thresholds: {f1: {min: %s}}}\n"
LOCK = """\
schema: '2.0'
stages:
  validate:
    deps: [{path: data/raw.csv, md5: RAW}, {path: read.py, md5: READ}]
    outs: [{path: data/validated.parquet, md5: VALIDATED}]
  train:
    deps:
    - {path: data/validated.parquet, md5: VALIDATED}
    - {path: steps, md5: STEPS}
    - {path: fit.py, md5: FIT}
    params: {params.yaml: {model: {type: tree, depth: 2}}}
    outs: [{path: models/model.joblib, md5: THE-MODEL}]
"""


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8", newline="\n")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a repository, with the project in a folder of it, a first commit, and the branch `change`."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    git("init", "--quiet", "--initial-branch=main", "..")
    write(".gitignore", "/data\n/models\n")
    write("fit.py", "one = 1\n")
    write("params.yaml", PARAMS % (1, 0.9))
    commit()
    git("switch", "--quiet", "-c", "change")


def made(depth: int = 2) -> ModelInputs:
    """What a run on the branch was made of: edited code and parameters, and data that git ignores."""
    write("fit.py", "two = 2\n")
    write("params.yaml", PARAMS % (depth, 0.9))
    files = {"fit.py": md5("two = 2\n"), "data/validated.parquet": "0" * 32}
    return ModelInputs(files, Path("params.yaml").read_bytes())


def squash() -> None:
    write("README", "words that were written after the run")
    commit()
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--squash", "change")
    commit()
    git("branch", "-D", "change")


def rebase() -> None:
    git("switch", "--quiet", "main")
    write("README", "somebody else's words")
    commit()
    git("rebase", "--quiet", "main", "change")


def amend() -> None:
    commit("--amend", "-m", "better words")


@pytest.mark.parametrize("rewrite", [squash, rebase, amend])
def test_a_commit_that_was_rewritten_and_is_gone_is_found_by_its_files(
    rewrite: Callable[[], None],
) -> None:
    run = made()
    its_own = commit()
    rewrite()
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    assert its_own not in git("cat-file", "--batch-all-objects", "--batch-check")
    assert not is_on_branch(its_own)
    found = run.commit()
    assert git("show", f"{found}:./fit.py") == "two = 2"
    assert is_on_branch(found)


def test_files_that_only_a_merge_has_together_are_found() -> None:
    git("switch", "--quiet", "main")
    write("params.yaml", PARAMS % (2, 0.9))
    commit()
    git("switch", "--quiet", "change")
    write("fit.py", "two = 2\n")
    commit()
    run = made()
    git("checkout", "--quiet", ".")
    assert run.commit() == ""
    git("merge", "--quiet", "main", "-m", "both")
    merge = git("rev-parse", "HEAD")
    for text in ("<<<<<<< HEAD\n", "words", PARAMS % (3, 0.9)):  # whatever was committed since
        for name in ("params.yaml", "dvc.lock"):
            write(name, text + "THE-MODEL")
        commit()
    assert replace(run, model="THE-MODEL").commit() == merge


def test_the_merge_that_brought_metrics_is_named() -> None:
    write(".gitattributes", "reports/** -diff\n")
    write("one.py", "")
    commit()
    git("switch", "--quiet", "main")
    write("two.py", "")
    commit()
    git("merge", "--quiet", "--no-commit", "change")
    write("reports/evaluation.json", '{"run_id": "abc"}')
    commit()
    assert find._commits_with("abc") == [git("log", "-1", "--format=%h %s")]
    git("rm", "--quiet", "reports/evaluation.json")
    write("reports/metrics.json", '{"run_id": "def"}')  # as before 1.1
    commit()
    assert find._commits_with("def") == [git("log", "-1", "--format=%h %s")]


def test_what_does_not_make_the_model_may_differ() -> None:
    run = made()
    assert run.commit() == ""
    assert why_no_commit({"git.commit": "abcdef123", "git.dirty": "true"}) == (
        "edited after abcdef1, and the edits were never committed as they were"
    )
    assert why_no_commit({}).startswith("not recorded: ")
    write("params.yaml", PARAMS % (3, 0.9))
    commit()
    assert run.commit() == ""
    write("params.yaml", PARAMS % (2, 0.5))  # a gate was relaxed
    relaxed = commit()
    assert run.commit() == relaxed
    # without the run's params.yaml there is only its md5
    assert ModelInputs(run.files, b"", md5(PARAMS % (2, 0.5))).commit() == relaxed
    assert ModelInputs(run.files, b"", md5(PARAMS % (2, 0.9))).commit() == ""
    assert ModelInputs({}, run.params).commit() == ""
    # code that was never added is not like data, which git ignores
    assert ModelInputs({**run.files, "new.py": md5("")}, run.params).commit() == ""


def test_the_lock_says_whether_a_commit_makes_a_model() -> None:
    """Whatever its run was made of: a comment that was added later makes the same model."""
    for name in ("read.py", "fit.py", "steps/b.py", "steps/a.py"):
        write(name, f"{name}\n")
    write("steps/x/c.py", "x\n")
    write("params.yaml", PARAMS % (2, 0.5))
    lock = LOCK.replace("READ", md5("read.py\n")).replace("FIT", md5("fit.py\n"))
    of_steps = "347c69a335ea5357090cb2368491f419.dir"  # as DVC says
    write("dvc.lock", lock.replace("STEPS", of_steps))
    first = commit()
    assert makes(first, "THE-MODEL")
    assert ModelInputs({"fit.py": md5("another one")}, PARAMS.encode(), model="THE-MODEL").commit() == first
    for other in ("", "VALIDATED", "ANOTHER-MODEL"):
        assert not makes(first, other)
    for name, text in {
        "read.py": "changed",
        "steps/x/c.py": "changed",
        "params.yaml": PARAMS % (3, 0.5),
        "data/raw.csv.dvc": "outs: [{path: raw.csv, md5: ANOTHER}]",
    }.items():
        git("switch", "--quiet", "--detach", first)
        write(name, text)
        git("add", "--force", name)
        assert not makes(commit(), "THE-MODEL"), name


def test_the_code_of_a_commit_that_is_gone_is_made_of_one_that_stays() -> None:
    write("dvc.yaml", "stages: {train: {cmd: python fit.py, deps: [fit.py]}}\n")
    write("params.yaml", "data: {path: data/raw.csv}\n")
    git("switch", "--quiet", "main")
    first = commit()
    write("fit.py", "two = 2\n")
    gone = commit()
    write("fit.py", "three = 3\n")  # not committed
    base, since = since_published(gone)
    assert base == published(gone) == git("rev-list", "--max-parents=0", "HEAD")
    recipe = Recipe(gone, b"its own diff", base, since, b"", "", {}, {}, "", False)
    assert code_of(recipe) == (gone, b"its own diff", "")
    git("reset", "--quiet", "--hard", first)
    git("update-ref", "refs/remotes/origin/main", first)
    assert since_published(first) == ("", b"")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    code = code_of(recipe)
    assert code.note == f"that of {base[:7]} and the recorded changes since; {gone[:7]} is gone"
    with checked_out(Path.cwd(), code.commit) as scratch:
        scratch.apply(code.diff)
        assert (scratch.project / "fit.py").read_text(encoding="utf-8") == "three = 3\n"
    of_an_older_run = replace(recipe, base="", dependencies={"fit.py": md5("one = 1\n")})
    of_an_older_run = replace(of_an_older_run, params=Path("params.yaml").read_bytes())
    note = f"that of {first[:7]}, which has the same files; {gone[:7]} is gone"
    assert code_of(of_an_older_run) == (first, b"", note)
    assert code_of(replace(recipe, base="")).commit == gone  # and to check it out says what to do


def test_a_block_of_a_model_that_is_not_in_use_was_changed_in_vain() -> None:
    blocks = "model: {type: %s, tree: {depth: 1}, forest: {trees: %d}}\n"
    write("params.yaml", blocks % ("tree", 1))
    commit()
    assert changed_in_vain() == []
    write("params.yaml", blocks % ("tree", 2))
    (line,) = changed_in_vain()
    assert line.startswith(
        "warning: model.forest.trees: changed, but model.type is tree, which does not read it"
    )
    write("params.yaml", blocks % ("forest", 2))
    assert changed_in_vain() == []


def test_a_tag_releases_the_version_that_its_commit_has_made() -> None:
    """Whatever the commit was called before, and only if somebody approved the version, or may do so."""
    write("dvc.lock", LOCK)
    commit()
    git("tag", "-a", "v1.2.0", "-m", "two trees deep")
    found = SimpleNamespace(version=3, tags={})
    models: Any = SimpleNamespace(name="penguins", with_content={"THE-MODEL": found}.get)
    none = {"champion": "", "challenger": ""}
    waits = Change("register", none, {"champion": "", "challenger": "3"})
    promoted = Change("promote", waits.after, {"champion": "3", "challenger": ""})
    later = Change("promote", promoted.after, {"champion": "4", "challenger": ""})
    back = Change("rollback", later.after, {"champion": "2", "challenger": ""})
    for changes in ([waits], [waits, promoted], [waits, promoted, later]):
        assert released(models, changes, "v1.2.0") is found
    refused: list[tuple[list[Change], str, str]] = [
        ([], "v1.2.0", r"v1\.2\.0 \(.{7}\): its version 3 is not @challenger, and was never @champion: "),
        ([waits, promoted, later, back], "v1.2.0", "its version 3 is not @challenger, and was never"),
        ([waits], "main", r"main \(.{7}\): its dvc\.lock names no model: tag a commit on main"),
        ([waits], "v9", "v9: no such tag here: `git fetch --tags`"),
    ]
    for changes, tag, says in refused:
        with pytest.raises(UserError, match=says):
            released(models, changes, tag)
    found.tags[ARCHIVED] = "true"
    with pytest.raises(UserError, match=r"its version 3 is archived: `.* promote 3 --reason TEXT`"):
        released(models, [waits, promoted], "v1.2.0")
    models.with_content = lambda md5: None
    with pytest.raises(UserError, match=r"is not a version of 'penguins': `dvc repro` registers it there"):
        released(models, [waits], "v1.2.0")
