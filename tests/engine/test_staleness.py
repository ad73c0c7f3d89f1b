"""Whether the results are those of what is here, asked of DVC in a pipeline that takes no time."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.repo import Repo
from penguins.engine.base import git
from penguins.engine.base.errors import UserError
from penguins.engine.lineage.staleness import stale
from penguins.engine.storage.transfer import fetch, pull

PIPELINE = """\
stages:
  gather:
    cmd: python join.py parts/a.csv parts/b.csv raw.csv
    deps: [join.py, parts/a.csv, parts/b.csv]
    outs: [raw.csv]
  train:
    cmd: python join.py raw.csv added.csv model
    deps: [raw.csv, added.csv]
    outs: [model]
  evaluate:
    cmd: python join.py model metrics.json
    deps: [model]
    metrics: [{metrics.json: {cache: false}}]
  beside:
    cmd: python join.py raw.csv beside
    deps: [raw.csv]
    outs: [beside]
"""
PARTS = """\
stages:
  make:
    foreach: [a, b]
    do:
      cmd: python ../join.py ${item}.txt ${item}.csv
      deps: ["${item}.txt"]
      outs: ["${item}.csv"]
"""
JOIN = """\
import sys
*parts, whole = sys.argv[1:]
text = "".join(open(part).read() for part in parts)
open(whole, "w").write(text)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a pipeline, in two files and with data that were added by hand, that has run."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "parts").mkdir()
    files = {"dvc.yaml": PIPELINE, "parts/dvc.yaml": PARTS, "join.py": JOIN, "added.csv": "3\n"}
    for name, text in {**files, "parts/a.txt": "1\n", "parts/b.txt": "2\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        git.output("init", "--quiet")
        with Repo.init() as repo:
            repo.add("added.csv")
            repo.reproduce(all_pipelines=True)
    return folder


@pytest.fixture
def here(ran: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide the same in the current folder, put back after the test."""
    monkeypatch.chdir(ran)
    monkeypatch.setenv("DVC_ROOT", str(ran))
    kept = {path: path.read_bytes() for path in ran.rglob("*") if path.is_file() and ".dvc" not in path.parts}
    yield ran
    for path, content in kept.items():
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def write(name: str, text: str) -> None:
    """Replace a file, which may be a link into DVC's cache."""
    Path(name).unlink()
    Path(name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("join.py", JOIN, []),
        ("beside", "of no account", []),
        ("join.py", f"{JOIN}# edited\n", ["join.py"]),
        ("parts/a.txt", "9\n", ["parts/a.txt"]),
        ("parts/b.csv", "9\n", ["parts/b.csv"]),
        ("parts/dvc.yaml", PARTS.replace("join.py", "./join.py"), ["parts/dvc.yaml"]),
        ("added.csv", "9\n", ["added.csv"]),
        ("model", "9\n", ["model"]),
        ("dvc.yaml", PIPELINE.replace("gather:", "gather:\n    always_changed: true"), []),
        ("dvc.yaml", PIPELINE.replace("join.py raw.csv added", "join.py added"), ["dvc.yaml"]),
    ],
)
def test_all_that_the_results_come_of_is_looked_at(here: Path, name: str, text: str, says: list[str]) -> None:
    write(name, text)
    assert stale() == says


def test_data_that_are_only_in_the_remote_are_what_is_recorded(here: Path) -> None:
    for name in ("added.csv", "raw.csv", "parts/a.csv", "model"):
        Path(name).unlink()
    assert stale() == []
    entry = Path("added.csv.dvc")
    write(entry.name, re.sub(r"md5: \w{2}", "md5: 00", entry.read_text(encoding="utf-8")))
    assert stale() == ["added.csv"]


@pytest.mark.slow
def test_that_data_can_be_had_is_asked_without_writing_any(here: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "dvc", "remote", "add", "-q", "-d", "away", str(tmp_path / "away")], check=True
    )
    (tmp_path / "away").mkdir()
    gone, edited, entry = Path("added.csv"), Path("raw.csv"), Path("added.csv.dvc")
    gone.unlink()
    write("raw.csv", "edited\n")
    fetch()
    assert (gone.exists(), edited.read_text(encoding="utf-8")) == (False, "edited\n")
    with pytest.raises(UserError, match=r"raw\.csv: edited, and DVC has no copy; `dvc commit -f` keeps"):
        pull()
    write(entry.name, re.sub(r"md5: \w{2}", "md5: 00", entry.read_text(encoding="utf-8")))
    with pytest.raises(UserError, match="DVC's remote lacks files that are committed"):
        fetch()
    assert not gone.exists()


def test_what_dvc_cannot_tell_is_one_line(here: Path) -> None:
    write("parts/dvc.yaml", "stages: [")
    with pytest.raises(UserError, match=r"^`dvc status` failed: .*parts/dvc\.yaml"):
        stale()
    Path("dvc.lock").unlink()
    assert stale() == ["there is no dvc.lock"]
