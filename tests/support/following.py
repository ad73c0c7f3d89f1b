"""A project that follows its template by cruft."""

import shutil
import sys
from pathlib import Path

from tests.support.baked import TEMPLATE, Baked, run

CRUFT = (sys.executable, "-m", "cruft")
PROJECT = "{{cookiecutter.project_slug}}"
PACKAGE = f"{PROJECT}/{{{{cookiecutter.package_name}}}}"


def commit(folder: Path, message: str) -> None:
    run(folder, "git", "add", "-A")
    # an update has nothing to commit if the release equals these files
    run(folder, "git", "commit", "--allow-empty", "-qm", message)


def put_template(folder: Path) -> None:
    """Copy the template's files into a folder as they are here, committed or not."""
    names = run(TEMPLATE, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, names.split("\0")):
        if (TEMPLATE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATE / name, folder / name)


def update(project: Baked, *options: str) -> None:
    """Update a project, and check that nothing is left for a person to do."""
    done = project.run(*CRUFT, "update", "-y", *options)
    assert "reject" not in done.stdout + done.stderr
    assert list(project.path.rglob("*.rej")) == []
    assert project.run("git", "diff", "--name-only", "--diff-filter=U").stdout == ""
