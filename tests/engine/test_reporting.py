from typing import Any

import pytest
from penguins.engine.base.markdown import code, table
from penguins.engine.commands.report import reproduction
from penguins.engine.reporting.html import page
from penguins.engine.reporting.sections import BAD, GOOD, NEITHER

from tests.engine.tasks import BOTH, Task

HOSTILE = ["<b>", "a|b", "`", "``a`", " ", "", "a\nb", "\\", "a\\|b", "*a* _b_", "![a](b)", "x" * 500, "@all"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_users_write_is_one_cell_of_text(text: str) -> None:
    html = page("a title", table(["head", "other"], [[code(text), "other"]]), {}, {})
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<td>") == 2
    assert body.count("<code>") == 1
    assert "<b>" not in body


@BOTH
def test_better_and_worse_follow_the_metric(task: Task) -> None:
    change = task.module("engine.reporting.sections").change
    for name, greater in task.module("metrics").GREATER_IS_BETTER.items():
        assert change(name, 1.0, 2.0).startswith(f"{GOOD if greater else BAD} ▲ +1")
        assert change(name, 2.0, 1.0).startswith(f"{BAD if greater else GOOD} ▼ -1")
    assert change("latency_ms", 1.0, 2.0).startswith(NEITHER)
    assert change(task.metric, 1.0, 1.0) == f"{NEITHER} same"
    assert change(task.metric, None, 1.0) == "new"
    assert change(task.metric, 1.0, None) == "gone"


def test_a_run_that_the_store_lacks_is_not_offered_for_reproduction() -> None:
    known: list[Any] = ["a run"]
    assert "reproduce 0123abcd\n" in reproduction("0123abcdef", known)
    assert "reproduce 0123abcd\n" in reproduction("0123abcdef", None), (
        "the store does not answer: it may have it"
    )
    text = reproduction("0123abcdef", [])
    assert "reproduce" not in text
    assert "dvc repro --force" in text
    assert "dvc repro" in reproduction("", [])
