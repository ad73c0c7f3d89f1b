"""The page of guarantees: each is held by tests that there are."""

import re

from tests.support.baked import TEMPLATE

NAMED = re.compile(r"`((?:bake|engine|pipeline|servers)/test_\w+\.py)(?:::(test_\w+))?`")


def test_every_guarantee_names_tests_that_there_are() -> None:
    page = (TEMPLATE / "docs/guarantees.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| **")]
    assert len(rows) > 20
    for row in rows:
        named = NAMED.findall(row.rpartition(" | ")[2])
        assert named, row
        for file, name in named:
            text = (TEMPLATE / "tests" / file).read_text(encoding="utf-8")
            assert not name or f"def {name}(" in text, f"{file}::{name}"
