"""`apply`, with DVC itself, in a pipeline that takes no time: nothing that a person made is lost."""

import json
import shutil
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest
from dvc.repo import Repo
from penguins.engine.base.errors import UserError
from penguins.engine.base.paths import REGISTRATION
from penguins.engine.commands import apply
from penguins.engine.lineage.experiments import experiment_named
from penguins.engine.overview.trials import unregistered

from tests.support.repository import commit, git

PIPELINE = """\
stages:
  train:
    cmd: python write.py model reports/metrics.json
    deps: [raw.csv, parts]
    params: [a]
    outs: [model]
    metrics: [{reports/metrics.json: {cache: false}}]
"""
WRITE = "import sys\nfor name in sys.argv[1:]:\n    open(name, 'w').write(open('params.yaml').read())\n"
FILES = {
    "write.py": WRITE,
    "dvc.yaml": PIPELINE,
    "params.yaml": "a: 1\n",
    "raw.csv": "raw\n",
    "parts/one.csv": "1\n",
    "parts/two.csv": "2\n",
    "code.py": "one\n",
    "reports/notes.md": "mine\n",
    "../other/code.py": "of another project\n",
}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a project, in a folder of a larger repository, with experiments, one of which has new files."""
    top = tmp_path_factory.mktemp("tried")
    project = top / "project"
    project.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        for name, text in FILES.items():
            write(name, text)
        git("init", "--quiet", cwd=top)
        write(".gitignore", "*.ignored\n")
        with Repo.init(subdir=True) as repo:
            repo.add(["raw.csv", "parts"])
            repo.reproduce()
        commit(cwd=top)
        with Repo() as repo:
            repo.experiments.run(params=["a=2"], name="two")
            git("checkout", "--quiet", ".")
            repo.checkout(force=True)
            write("new.ignored", "theirs\n")
            write("new.csv", "theirs\n")
            write("raw.csv", "theirs, too\n")
            repo.add(["new.csv", "raw.csv"])
            git("add", "--force", "new.ignored")
            git("add", "--all")
            repo.experiments.run(params=["a=3"], name="new")
        git("reset", "--quiet", "--hard")
        git("clean", "--quiet", "-d", "--force")
        for name in ("new.csv", "new.ignored"):
            Path(name).unlink(missing_ok=True)
        with Repo() as repo:
            repo.checkout(force=True)
    return top


@pytest.fixture
def project(tried: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a copy of it."""
    shutil.copytree(tried, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy" / "project")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return Path.cwd()


def write(name: str, text: str) -> None:
    """Write a file, in the place of one that may be a link into DVC's cache."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).unlink(missing_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def state() -> dict[str, bytes]:
    files = (path for path in Path("..").rglob("*") if not {".git", ".dvc"} & set(path.parts))
    return {path.as_posix(): path.read_bytes() for path in files if path.is_file()}


def edit(name: str, more: str = "") -> Callable[[], None]:
    """Add to a file, or write it anew."""
    return lambda: write(name, Path(name).read_text(encoding="utf-8") + more if more else "mine\nand more\n")


@pytest.mark.parametrize(
    ("experiment", "change", "says"),
    [
        ("two", edit("code.py"), "project/code.py: not committed"),
        ("two", edit("../other/code.py"), "other/code.py: not committed"),
        ("two", edit("reports/notes.md"), "project/reports/notes.md: not committed"),
        ("two", edit("raw.csv"), "raw.csv: not in DVC's cache"),
        ("two", edit("parts/two.csv"), "parts/two.csv: not in DVC's cache"),
        ("two", edit("parts/three.csv"), "parts/three.csv: not in DVC's cache"),
        ("two", edit("raw.csv.dvc", "\ndesc: mine\n"), "project/raw.csv.dvc: not committed"),
        ("two", edit("raw.csv.dvc"), "DVC cannot tell what applying 'two' would do: './raw.csv.dvc'"),
        ("new", edit("new.ignored"), "project/new.ignored: not committed"),
        ("new", edit("new.csv"), "new.csv: not in DVC's cache"),
    ],
)
def test_what_would_be_lost_is_refused(
    project: Path, experiment: str, change: Callable[[], None], says: str
) -> None:
    change()
    before = state()
    with pytest.raises(UserError) as caught:
        apply.main(Namespace(experiment=experiment))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(says)
    assert state() == before


def test_what_register_left_to_apply_is_named_until_a_commit(project: Path) -> None:
    assert unregistered() == ""
    said = "an experiment; `python -m penguins apply two` registers its model"
    write(str(REGISTRATION), json.dumps({"decision": "skipped", "reasons": [said]}))
    assert unregistered() == "two"
    git("commit", "--quiet", "--allow-empty", "--message", "later")
    assert unregistered() == ""


@pytest.mark.parametrize("lost", ["raw.csv", "model"])
def test_what_is_missing_is_said_before_the_workspace_is_touched(project: Path, lost: str) -> None:
    """Also data that are not as they were, whose content is elsewhere in the cache."""
    if lost == "raw.csv":
        write("raw.csv", "2\n")
    with Repo() as repo:
        (out,) = repo.find_outs_by_path("raw.csv")
        theirs = out.cache.oid_to_path(out.hash_info.value)
    cached = sorted(Path(".dvc/cache/files/md5").rglob("*"))
    if lost == "raw.csv":
        Path(theirs).unlink()
    else:
        for path in cached:
            if path.is_file() and path.read_bytes() == b"a: 2\n":
                path.unlink()
    before = state()
    says = rf"^{lost}: part of 'two', but not in DVC's cache .*`dvc exp pull origin two`"
    with pytest.raises(UserError, match=says):
        apply.main(Namespace(experiment="two"))
    assert state() == before


def test_the_only_copy_of_a_table_is_not_replaced(project: Path) -> None:
    with Repo() as repo:
        (out,) = repo.find_outs_by_path("raw.csv")
        Path(out.cache.oid_to_path(out.hash_info.value)).unlink()
    apply.check_files(experiment_named("two"))  # which has the same
    with pytest.raises(UserError, match=r"^raw\.csv: not in DVC's cache, and applying 'new' would discard"):
        apply.main(Namespace(experiment="new"))


def test_what_is_kept_elsewhere_or_made_again_is_no_obstacle(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that was replaced by hand is named, and a new file stays."""
    write("model", "mine\n")
    write("reports/metrics.json", "mine\n")
    write("mine.txt", "mine\n")
    write("raw.csv", "2\n")  # as parts/two.csv, so in the cache
    apply.main(Namespace(experiment="new"))
    assert (
        "model: differs from what the pipeline wrote; the pipeline writes it again" in capsys.readouterr().out
    )
    for name in ("model", "reports/metrics.json", "params.yaml"):
        assert Path(name).read_text(encoding="utf-8") == "a: 3\n"
    assert Path("mine.txt").read_text(encoding="utf-8") == "mine\n"
    assert Path("new.csv").read_text(encoding="utf-8") == "theirs\n"
    apply.check_files(experiment_named("two"))  # what was applied is kept as an experiment


def test_what_was_committed_since_is_not_undone(project: Path) -> None:
    write("../other/code.py", "newer\n")
    commit(cwd=project.parent)
    with pytest.raises(UserError, match=r"two: started from .* \(other/code.py\); merge it instead"):
        apply.main(Namespace(experiment="two"))
