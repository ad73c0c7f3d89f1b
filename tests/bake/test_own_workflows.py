"""The template's own CI files and forms: valid, linted, with the least rights; and what upkeep does."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.baked import TEMPLATE, run
from tests.support.tools import assert_no_findings, assert_schema, tool

GITHUB = TEMPLATE / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
LAYOUT = """extends: default
rules:
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 160}
  truthy: {check-keys: false}
"""
WRITES = {
    "report": {"actions": "read", "contents": "write", "issues": "write", "pull-requests": "write"},
    "release": {"contents": "write"},
}


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def steps() -> list[dict[str, Any]]:
    return [step for file in WORKFLOWS for job in load(file)["jobs"].values() for step in job["steps"]]


def test_the_files_are_valid() -> None:
    forms = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
    assert_schema("vendor.github-workflows", *WORKFLOWS)
    assert_schema("vendor.dependabot", GITHUB / "dependabot.yml")
    assert_schema("vendor.github-issue-forms", *forms)
    assert_schema("vendor.github-issue-config", GITHUB / "ISSUE_TEMPLATE/config.yml")
    assert_no_findings(*WORKFLOWS, GITHUB / "dependabot.yml")
    run(TEMPLATE, tool("yamllint"), "--strict", "--config-data", LAYOUT, GITHUB)


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    scripts = [step["run"] for step in steps() if "run" in step]
    assert not [script for script in scripts if "${{" in script]
    for number, script in enumerate(scripts):
        (tmp_path / f"{number}.sh").write_text(script)
    run(TEMPLATE, tool("shellcheck"), "--shell=bash", *tmp_path.iterdir(), *(TEMPLATE / ".ci").iterdir())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_job_may_only_read_but_for_those_that_propose_and_release(workflow: Path) -> None:
    content = load(workflow)
    assert content["permissions"] == {}
    for name, job in content["jobs"].items():
        assert job["permissions"] == WRITES.get(name, {"contents": "read"})


def test_a_job_that_runs_every_test_has_the_releases() -> None:
    """A shallow clone has none of their tags: `test_releases` would update from nothing."""
    jobs = [job for file in WORKFLOWS for job in load(file)["jobs"].values()]
    whole = [job for job in jobs if any(".ci/run" in step.get("run", "") for step in job["steps"])]
    assert len(whole) == 2
    assert [job["steps"][0]["with"].get("fetch-depth") for job in whole] == [0, 0]


@pytest.mark.parametrize(("form", "required"), [("bug", True), ("idea", False)])
def test_a_form_asks_what_doctor_prints(form: str, required: bool) -> None:
    fields = load(GITHUB / f"ISSUE_TEMPLATE/{form}.yml")["body"]
    (asked,) = [field for field in fields if "doctor --json" in field["attributes"].get("label", "")]
    assert asked.get("validations", {}).get("required", False) is required


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="the workflow's scripts are bash")
@pytest.mark.parametrize(
    ("broken", "opened", "called"),
    [
        ("", "", ["pr create --fill"]),
        ("make lint", "", ["label create", "issue create", "pr create --fill"]),
        (".ci/run", "7", ["issue comment 7", "pr create --fill"]),
    ],
)
def test_upkeep_proposes_what_is_newer_and_tells_what_broke(
    broken: str, opened: str, called: list[str], tmp_path: Path
) -> None:
    """Its two scripts, with a `make` and a `gh` that do nothing but say that they were called."""
    here, programs = tmp_path / "here", tmp_path / "programs"
    ends = f'test "$called" != "{broken}"'
    program(programs / "make", f'called="make $1"; test "$1" != lock || echo pandas==9 > lock.txt; {ends}')
    program(here / ".ci/run", f'called=.ci/run; test -z "{broken}" || echo "FAILED tests/a.py::b"; {ends}')
    lists = f'[[ "$*" != "issue list"* ]] || echo {opened}; [[ "$*" != "pr list"* ]] || echo 0'
    program(programs / "gh", f'echo "$*" >> {tmp_path}/calls; {lists}')
    shutil.copy(TEMPLATE / ".ci/upkeep", here / ".ci")
    (here / "lock.txt").write_text("pandas==8\n")
    (here / ".gitignore").write_text("upkeep/\n")
    run(tmp_path, "git", "init", "--quiet", "--bare", "remote")
    run(here, "git", "init", "--quiet", "--initial-branch=main")
    run(here, "git", "remote", "add", "origin", "../remote")
    run(here, "git", "add", "--all")
    run(here, "git", "commit", "--quiet", "--message", "one")

    env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PAGE": "https://page"}
    (script,) = [step["run"] for step in steps() if step.get("shell") == "bash"]
    run(here, "bash", "-eo", "pipefail", "-c", script, env=env)
    run(here, "git", "checkout", "--", ".")
    run(here, ".ci/upkeep", "upkeep", env=env)

    assert run(tmp_path / "remote", "git", "show", "upkeep:lock.txt").stdout == "pandas==9\n"
    calls = (tmp_path / "calls").read_text().splitlines()
    changes = [call for call in calls if " list " not in call and not call.startswith("auth ")]
    assert [change[: len(start)] for change, start in zip(changes, called, strict=True)] == called
    if broken:
        issue = (here / "upkeep/issue.md").read_text()
        assert f"```text\nBROKEN {broken}\nFAILED tests/a.py::b\n```" in issue
        assert "```diff\n-pandas==8\n+pandas==9\n```" in issue
        assert "https://page has the whole log" in issue
