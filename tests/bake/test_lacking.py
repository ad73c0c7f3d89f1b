"""No test is skipped in CI for want of a program."""

from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE
from tests.support.lacking import lacking

# a Python that CI's matrix has, one in each job; docs/compatibility.md says which have run
OTHERS = {
    Path("tests/bake/test_pythons.py"),
    Path("tests/support/lacking.py"),
    Path("tests/bake/test_lacking.py"),
}


def test_what_is_lacking_skips_a_test_here_and_fails_it_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no haproxy"):
        lacking("no haproxy")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"no haproxy; \.ci/run installs"):
        lacking("no haproxy")


def test_nothing_else_skips_for_itself() -> None:
    skipping = {
        file.relative_to(TEMPLATE)
        for file in (TEMPLATE / "tests").rglob("*.py")
        if "pytest.skip(" in file.read_text(encoding="utf-8")
    }
    assert skipping == OTHERS
