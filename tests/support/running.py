"""What the slow tests share: baked projects that really run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.baked import Baked

RECORD = Path(__file__).with_name("record.py")


@dataclass(frozen=True)
class Store:
    """The content of a tracking store at one moment."""

    runs: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, experiment: str) -> list[dict[str, Any]]:
        """The runs of an experiment, oldest first."""
        return [run for run in self.runs if run["experiment"] == experiment]


def store(project: Baked, uri: str = "sqlite:///mlflow.db", **env: str) -> Store:
    return Store(**json.loads(project.run("python", RECORD, uri, env=env).stdout))


def reproduce(project: Baked) -> str:
    """Run the pipeline, commit its changes, and return what it printed."""
    done = project.run("dvc", "repro")
    commit(project, "Run the pipeline")
    return done.stdout + done.stderr


def own_tests(project: Baked) -> str:
    """Run the project's own tests, as its CI does, and return what they print."""
    quietly = ("-q", "-p", "no:cacheprovider")
    if project.shims is None:
        return project.run("pytest", *quietly).stdout
    assert project.bin is not None
    # what the tests start runs without shims, since one of them checks what an import changes
    anew = f"sys.executable = {str(project.bin / 'python')!r}"
    program = f"import pytest, sys; {anew}; sys.exit(pytest.console_main())"
    return project.run("python", "-c", program, *quietly).stdout


def commit(project: Baked, message: str) -> None:
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", message)


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def edit(project: Baked, name: str, old: str, new: str) -> None:
    text = project.read(name)
    assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
    (project.path / name).write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def rewrite(project: Baked, name: str, text: str) -> None:
    """Write a file that DVC tracks; since it may be linked to the cache, first do what the README says."""
    project.run("dvc", "unprotect", name)
    (project.path / name).write_text(text, encoding="utf-8", newline="\n")


def load(project: Baked, name: str) -> Any:
    return json.loads(project.read(name))


@contextmanager
def restored(project: Baked) -> Iterator[Baked]:
    """Restore the project's files to the current commit after the block, whatever has been done to them."""
    commit, before = project.run("git", "rev-parse", "HEAD").stdout.strip(), data(project)
    try:
        yield project
    finally:
        project.run("git", "reset", "--quiet", "--hard", commit)
        project.run("git", "clean", "--quiet", "-d", "--force")
        if data(project) != before:
            project.run("dvc", "checkout", "--quiet", "--force")


def data(project: Baked) -> dict[Path, tuple[int, int, int]]:
    """Values that change whenever a file is written, for each file in the folders whose content DVC keeps."""
    paths = [path for name in ("data", "models", "reports") for path in (project.path / name).rglob("*")]
    stats = {path: path.lstat() for path in paths if not path.is_dir()}
    return {path: (stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}
