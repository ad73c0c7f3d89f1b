"""The engine is Python where it stands: clean there, before anything is baked."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from scripts import check_engine
from tests.support.baked import TEMPLATE, run

ENGINE = check_engine.PACKAGE / "engine"


@pytest.mark.slow
def test_the_engine_is_clean_where_it_stands() -> None:
    run(TEMPLATE, sys.executable, "scripts/check_engine.py")


UNCLEAN = {
    "would be reformatted": '"""A page."""\n\nx = {1:2}\n',
    "D103": '"""A page."""\n\n\ndef f() -> int:\n    return 1\n',
    "Incompatible types": '"""A page."""\n\nfrom .base.errors import UserError\n\nx: int = UserError("")\n',
    "import-not-found": '"""A page."""\n\nfrom ..metrics import score\n\nx = score\n',
}


@pytest.mark.slow
def test_what_is_not_clean_is_found(tmp_path: Path) -> None:
    """By the project's own rules, which are read from its pyproject.toml as it is before the bake."""
    copy = tmp_path / "template"
    package = copy / check_engine.PACKAGE.relative_to(TEMPLATE)
    (package / "engine/base").mkdir(parents=True)
    for name in ("__init__.py", "base/__init__.py", "base/errors.py"):
        shutil.copy(ENGINE / name, package / "engine" / name)
    for file in (check_engine.PROJECT / "pyproject.toml", Path(check_engine.__file__)):
        to = copy / file.relative_to(TEMPLATE)
        to.parent.mkdir(exist_ok=True)
        shutil.copy(file, to)
    check = (sys.executable, "scripts/check_engine.py")
    run(copy, *check)
    for number, page in enumerate(UNCLEAN.values()):
        (package / f"engine/page{number}.py").write_text(page)
    done = run(copy, *check, check=False)
    assert done.returncode == 1
    for number, says in enumerate(UNCLEAN):
        assert re.search(rf"page{number}\.py", done.stdout), says
        assert says in done.stdout
