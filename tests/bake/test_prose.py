"""Spelling and prose of all that people read."""

from pathlib import Path

import pytest

from scripts import check_prose


def test_nothing_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_prose.main() == 0, capsys.readouterr().out
    assert int(capsys.readouterr().out.split()[0]) > 500


def test_each_kind_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_prose, "TEMPLATE", tmp_path)
    wrong = "ac" + "comodate"
    (tmp_path / "page.md").write_text(f"# A page\n\n```\nin a nutshell\n```\n\nIn a nutshell, {wrong}.\n")
    (tmp_path / "code.py").write_text("x = 1  # the rows of " + "now\n")
    (misspelt,) = check_prose.spelling(["page.md"])
    assert misspelt == f"page.md:7: {wrong} ==> accommodate"
    (found,) = check_prose.house(["page.md", "code.py"])
    assert found.startswith("code.py:1: 'of " + "now': write ")
    (cliche,) = check_prose.prose(["page.md"])
    assert cliche.startswith("page.md:7:1: cliches.")
