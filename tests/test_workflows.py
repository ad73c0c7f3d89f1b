"""The CI files, the template's and the baked projects': valid, without zizmor findings, and alike."""

import re
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

from ruamel.yaml import YAML

from tests.baked import TEMPLATE, Baked, run

Bake = Callable[..., Baked]

CHECKS = ["ruff format --check .", "ruff check .", "mypy", "pytest"]


def test_the_templates_own_files_are_valid() -> None:
    workflow, dependabot = TEMPLATE / ".github/workflows/test.yml", TEMPLATE / ".github/dependabot.yml"
    assert_schema("vendor.github-workflows", workflow)
    assert_schema("vendor.dependabot", dependabot)
    assert_no_findings(workflow, dependabot)


def test_github_files_are_valid(baked: Bake) -> None:
    project = baked(ci="github").path
    assert_schema("vendor.github-workflows", *sorted((project / ".github/workflows").glob("*.yml")))
    assert_schema("vendor.dependabot", project / ".github/dependabot.yml")
    assert_no_findings(project / ".github")


def test_gitlab_file_is_valid(baked: Bake) -> None:
    assert_schema("vendor.gitlab-ci", baked(ci="gitlab").path / ".gitlab-ci.yml")


def test_both_hosts_check_the_same(baked: Bake) -> None:
    github = load(baked(ci="github").path / ".github/workflows/check.yml")["jobs"]["check"]["steps"]
    gitlab = load(baked(ci="gitlab").path / ".gitlab-ci.yml")["check"]
    assert [step["run"] for step in github if "run" in step] == ["pip install -r requirements.txt", *CHECKS]
    assert gitlab["script"] == CHECKS


def test_projects_pin_the_same_actions_as_the_template(baked: Bake) -> None:
    """Dependabot raises the template's pins; the baked workflow must follow by hand."""
    pinned = pins(baked(ci="github").path / ".github/workflows")
    assert pinned
    assert pinned <= pins(TEMPLATE / ".github/workflows")


def pins(workflows: Path) -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in workflows.glob("*.yml"))
    return set(re.findall(r"uses: (\S+@[0-9a-f]{40} # v\S+)", text))


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def assert_schema(schema: str, *files: Path) -> None:
    assert files
    run(TEMPLATE, sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files)


def assert_no_findings(*inputs: Path) -> None:
    zizmor = which("zizmor", path=sysconfig.get_path("scripts"))
    assert zizmor, "zizmor is missing: install tests/requirements.txt"
    run(TEMPLATE, zizmor, "--offline", *inputs)
