"""The report of a change, as a person makes it: against the main branch, in a terminal."""

import re
import shutil

import pytest

from tests.support.baked import Baked
from tests.support.running import edit, load

pytestmark = pytest.mark.slow


def report(project: Baked, *arguments: str) -> str:
    project.run("python", "-m", "penguins", "report", *arguments)
    return project.read("reports/report.md")


def test_a_change_is_compared_with_where_the_branch_left_main(project: Baked) -> None:
    project.run("git", "switch", "--quiet", "--create", "worse")
    try:
        edit(project, "params.yaml", "max_iter: 200", "max_iter: 3")
        edit(project, "params.yaml", "  thresholds: {} #", "  thresholds: {f1_macro: {min: 0.9999}} #")
        text = report(project)
        assert "Not judged, and the metrics are out of date: `params.yaml` changed" in text
        project.run("dvc", "repro", "evaluate")
        project.run("git", "commit", "--quiet", "--all", "--message", "Worse")
        text = report(project)
        assert "where this branch left the main one" in text
        assert re.search(r"\*\*`f1_macro`\*\* \| 0\.\d+ \| 0\.\d+ \| 🔴 ▼ -0", text)
        assert re.search(r"`log_loss` \| 0\.\d+ \| 0\.\d+ \| 🔴 ▲ \+0", text)
        assert "| `model.hist_gradient_boosting.max_iter` | `200` | `3` |" in text
        assert "1 of 4 gates failed" in text
        run_id = load(project, "reports/evaluation.json")["run_id"]
        assert f"/runs/{run_id}>)" in text
        assert f"python -m penguins reproduce {run_id[:8]}" in text

        page = project.read("reports/report.html")
        assert page.count("data:image/png;base64,") == 3
        assert "### Quality against latency" in text
        assert " runs are on the Pareto front" in text or " is on the Pareto front" in text
        assert '<svg class="scatter"' in page
        assert "(this one)</text>" in page
        assert not re.search(r'(?:src|href)="(?!data:|http://127\.0\.0\.1:5000/)', page)
        assert "nothing to commit" in project.run("git", "status").stdout

        again = report(project, "--against", "worse")
        assert "⚪ same" in again
        assert "🔴" not in again
    finally:
        project.run("git", "reset", "--quiet", "--hard")
        project.run("git", "switch", "--quiet", "main")
        project.run("git", "branch", "--quiet", "--delete", "--force", "worse")


def test_what_users_write_stays_text(project: Baked) -> None:
    hostile = "<img src=x onerror=alert(1)> @all [a](http://evil.test) | `b` ``c"
    edit(project, "params.yaml", "    max_leaf_nodes: 31", f"    max_leaf_nodes: 31\n    '{hostile}': 1")
    edit(project, "reports/groups.csv", '"island","Dream"', f'"island","{hostile}"')
    report(project)
    page = project.read("reports/report.html")
    assert "<img src=x" not in page
    assert '<a href="http://evil.test' not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt; @all [a](http://evil.test) | `b` ``c") == 2
    assert project.read("reports/report.md").count(r"@all [a](http://evil.test) \| `b` ``c") == 2


def test_the_first_run_has_nothing_to_compare_with(project: Baked) -> None:
    first = project.run("git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
    text = report(project, "--against", first)
    assert re.search(r"`f1_macro`\*\* \| - \| 0\.\d+ \| new", text)
    assert re.search(r"\| rows \| - \| 344 \|", text)

    shutil.rmtree(project.path / "reports")
    text = report(project, "--against", "HEAD")
    assert re.search(r"`f1_macro`\*\* \| 0\.\d+ \| - \| gone", text)
    assert "Not judged" in text


def test_a_revision_that_does_not_exist_is_one_line(project: Baked) -> None:
    said = project.refused("python", "-m", "penguins", "report", "--against", "nowhere")
    assert said.startswith("nowhere: no such commit or branch")
