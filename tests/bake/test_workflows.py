"""The baked projects' CI files: valid, without zizmor findings, and alike."""

import re
import subprocess
import textwrap
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts.lock import COMPILE
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.hosts import evaluated
from tests.support.tools import assert_no_findings, assert_schema, tool

Bake = Callable[..., Baked]

CHECKS = [
    "ruff format --check .",
    "ruff check .",
    "mypy",
    "python -m penguins check",
    "dvc checkout --quiet --allow-missing",  # of what the line before has fetched, for the next one
    "pytest",
]


SERVINGS = ("container", "kubernetes")
DELIVERY = {"release", "build-image", "staging", "production"}


@pytest.mark.slow
@pytest.mark.parametrize("serving", SERVINGS)
def test_github_files_are_valid(baked: Bake, serving: str) -> None:
    project = baked(ci="github", serving=serving).path
    assert_schema("vendor.github-workflows", *sorted((project / ".github/workflows").glob("*.yml")))
    assert_schema("vendor.dependabot", project / ".github/dependabot.yml")
    assert_no_findings(project / ".github")


@pytest.mark.slow
@pytest.mark.parametrize("serving", SERVINGS)
def test_gitlab_files_are_valid(baked: Bake, serving: str) -> None:
    project = baked(ci="gitlab", serving=serving).path
    assert_schema("vendor.gitlab-ci", project / ".gitlab-ci.yml")
    assert_schema("vendor.renovate", project / "renovate.json")


@pytest.mark.parametrize("serving", SERVINGS)
def test_both_hosts_do_the_same(baked: Bake, serving: str) -> None:
    """The commands of each job, but for what each host needs done in its own way."""
    github = github_jobs(baked, serving=serving)
    gitlab = load(baked(ci="gitlab", serving=serving).path / ".gitlab-ci.yml")
    jobs = {"check", "pipeline", "register", "drift", "retrain", "promote", "load-test", *DELIVERY}
    assert set(github) == jobs
    assert {name for name, job in gitlab.items() if isinstance(job, dict) and "script" in job} == jobs
    for name in jobs:
        ours = [step["run"] for step in github[name]["steps"] if "if" not in step and "id" not in step]
        theirs = [
            line for line in gitlab[name]["script"] if not re.search(r" report$|^if |^code=|^number=", line)
        ]
        before = gitlab[name].get("before_script", gitlab["default"]["before_script"])
        installed = [line for line in before if not line.startswith("apt-get ")]  # GitHub's machines have it
        assert ours == [*installed, *theirs], name
    (upgrade,) = [step["run"] for step in github["retrain"]["steps"] if step.get("id") == "upgrade"]
    (theirs,) = [line for line in gitlab["retrain"]["script"] if line.startswith('if test "$UP')]
    assert [line.strip() for line in theirs.splitlines()[1:-1]] == upgrade.splitlines()
    for name, command in COMPILE.items():
        assert command.replace("compile", "compile --upgrade") in upgrade.splitlines(), name
    assert gitlab["check"]["script"] == CHECKS
    (changed,) = [step["run"] for step in github["check"]["steps"] if step.get("id") == "changed"]
    listed = {path.removesuffix("/**/*") for path in gitlab["pipeline"]["rules"][1]["changes"]}
    assert set(re.findall(r"-- (.*)", changed)[0].split()) == listed


def test_a_load_test_has_the_locust_of_the_extra_and_never_retrains(baked: Bake) -> None:
    project = baked(ci="gitlab", serving="container")
    (extra,) = tomllib.loads(project.read("pyproject.toml"))["project"]["optional-dependencies"]["load"]
    gitlab = load(project.path / ".gitlab-ci.yml")
    assert f'pip install "{extra}"' in gitlab["load-test"]["script"]
    assert '`pip install "{REQUIREMENT}"`' in project.read("penguins/engine/load_test/running.py")
    assert f'REQUIREMENT = "{extra}"' in project.read("penguins/engine/load_test/running.py")
    assert f'pip install "{extra}"' in project.read("docs/load-test.md")
    by_hand = [rule["if"] for rule in gitlab["retrain"]["rules"] if '"web"' in rule["if"]]
    assert by_hand == ['$CI_PIPELINE_SOURCE == "web" && $VERSION == "" && $LOAD_TEST_URL == ""']
    without = load(baked(ci="gitlab").path / ".gitlab-ci.yml")
    assert "load-test" not in without
    assert "LOAD_TEST_URL" not in without["variables"]
    assert not (baked(ci="github").path / ".github/workflows/load-test.yml").exists()


@pytest.mark.parametrize("serving", SERVINGS)
def test_a_tag_starts_the_delivery_and_nothing_else(baked: Bake, serving: str) -> None:
    """And production waits for somebody who approves."""
    workflows = baked(ci="github", serving=serving).path / ".github/workflows"
    by_tag = [path.name for path in workflows.glob("*.yml") if "tags" in (load(path)["on"].get("push") or {})]
    assert by_tag == ["deploy.yml"]
    github = load(workflows / "deploy.yml")["jobs"]
    gitlab = load(baked(ci="gitlab", serving=serving).path / ".gitlab-ci.yml")
    for name in ("staging", "production"):
        assert github[name]["environment"] == gitlab[name]["environment"] == name
    for jobs in (github, gitlab):
        assert jobs["production"]["needs"] == ["release", "staging-load-test"]
        assert jobs["staging-load-test"]["needs"] in ("staging", ["staging"])
        assert jobs["staging"]["needs"] == ["release", "build-image"]
        assert jobs["build-image"]["needs"] in ("release", ["release"])
    (rule,) = gitlab["production"]["rules"]
    assert rule["when"] == "manual"
    assert gitlab["staging-load-test"]["extends"] == "load-test"
    assert github["staging-load-test"]["uses"] == "./.github/workflows/load-test.yml"
    called = load(workflows / "load-test.yml")["on"]["workflow_call"]
    assert github["staging-load-test"]["secrets"].keys() == called["secrets"].keys()
    for name, job in gitlab.items():
        for rule in job.get("rules", []) if name in ("check", "register", "retrain") else []:
            asks = rule["if"]
            assert '"push"' not in asks or asks.endswith("&& $CI_COMMIT_TAG == null"), name


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_project_that_serves_nothing_delivers_nothing(baked: Bake, ci: str) -> None:
    project = baked(ci=ci)
    assert not project.has(".github/workflows/deploy.yml")
    said = "".join(
        project.read(name) for name in project.files() if "workflows/" in name or "gitlab-ci" in name
    )
    assert not [word for word in ("docker", "CI_COMMIT_TAG", "IMAGES", "staging") if word in said]


def test_libraries_are_raised_monthly_and_when_asked(baked: Bake) -> None:
    workflow = load(baked(ci="github", serving="container").path / ".github/workflows/retrain.yml")
    weekly, monthly = (entry["cron"] for entry in workflow["on"]["schedule"])
    (step,) = [step for step in workflow["jobs"]["retrain"]["steps"] if step.get("id") == "upgrade"]
    condition = step["if"].removeprefix("${{").removesuffix("}}")
    for cron, asked, raised in [
        (weekly, "", False),
        (monthly, "", True),
        ("", False, False),
        ("", True, True),
    ]:
        contexts = {"github": {"event": {"schedule": cron}}, "inputs": {"upgrade": asked}}
        assert bool(evaluated(condition, contexts)) is raised


def test_the_schedule_retrains_on_drift_where_new_data_are_named(baked: Bake) -> None:
    jobs = load(baked(ci="github", serving="container").path / ".github/workflows/retrain.yml")["jobs"]
    weekly, new = {"event": {"schedule": "23 4 * * 1"}}, {"NEW_DATA": "data/new.csv"}
    for github, named, looked in [
        (weekly, new, True),
        (weekly, {}, False),
        ({"event": {"schedule": "23 6 1 * *"}}, new, False),
        ({"event_name": "repository_dispatch", "event": {}}, new, True),
        ({"event_name": "repository_dispatch", "event": {}}, {}, False),
        ({"event": {}}, new, False),
    ]:
        assert bool(evaluated(jobs["drift"]["if"], {"github": github, "vars": named})) is looked
    condition = jobs["retrain"]["if"].removeprefix("${{").removesuffix("}}")
    for result, code, retrained in [
        ("skipped", "", True),
        ("success", "3", True),
        ("success", "0", False),
        ("failure", "", False),
    ]:
        needs = {"drift": {"result": result, "outputs": {"code": code}}}
        assert bool(evaluated(condition, {"needs": needs})) is retrained


@pytest.mark.parametrize("code", [0, 3, 1])
def test_a_job_tells_drift_from_an_error(baked: Bake, tmp_path: Path, code: int) -> None:
    (github,) = [step["run"] for step in github_jobs(baked)["drift"]["steps"] if step.get("id") == "drift"]
    gitlab = load(baked(ci="gitlab", serving="container").path / ".gitlab-ci.yml")
    (theirs,) = [line for line in gitlab["drift"]["script"] if line.startswith("code=")]
    (first, *_) = gitlab["retrain"]["script"]
    (tmp_path / "python").write_text(f'#!/bin/sh\ntest "$4" = "a b.csv" && exit {code}\nexit 9\n')
    (tmp_path / "python").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NEW_DATA": "a b.csv", "GITHUB_OUTPUT": str(tmp_path / "out")}
    for script, file in ((github, "out"), (theirs, "drift.env")):
        command = ("bash", "-eo", "pipefail", "-c", script)
        assert subprocess.run(command, cwd=tmp_path, env=env, check=False).returncode == code % 3
        assert (tmp_path / file).exists() is (code != 1)
    assert code == 1 or (tmp_path / "drift.env").read_text() == f"DRIFT={code}\n"
    goes_on = subprocess.run(
        ("bash", "-ec", f"{first}\nexit 7"), env={**env, "DRIFT": str(code)}, check=False
    ).returncode
    assert goes_on == (0 if code == 0 else 7)


def test_only_what_is_needed_is_allowed(baked: Bake) -> None:
    writes = {
        name: {what for what, how in job["permissions"].items() if how == "write"}
        for name, job in github_jobs(baked).items()
    }
    assert writes == {
        "check": set(),
        "pipeline": {"pull-requests"},
        "register": set(),
        "drift": set(),
        "retrain": {"contents", "pull-requests"},
        "promote": set(),
        "load-test": set(),
        **{name: set() for name in DELIVERY},
    }
    for workflow in (baked(ci="github", serving="container").path / ".github/workflows").glob("*.yml"):
        content = load(workflow)
        assert content["permissions"] == {}
        assert content["concurrency"]
        assert "pull_request_target" not in content["on"]
        jobs = content["jobs"].values()
        assert all(job["timeout-minutes"] for job in jobs if "uses" not in job)  # which has its own


@pytest.mark.parametrize("remote", ["../storage", "azure://container/path", "gs://bucket/path"])
def test_shellcheck_finds_nothing(baked: Bake, remote: str, tmp_path: Path) -> None:
    jobs = [job for serving in SERVINGS for job in github_jobs(baked, remote, serving).values()]
    scripts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert not [script for script in scripts if "${{" in script]
    gitlab = [
        load(baked(ci="gitlab", serving=serving, dvc_remote_url=remote).path / ".gitlab-ci.yml")
        for serving in SERVINGS
    ]
    blocks = [job for file in gitlab for job in file.values() if isinstance(job, dict)]
    keys = ("before_script", "script", "after_script")
    scripts += ["\n".join(block[key]) for block in blocks for key in keys if key in block]
    for name, project in {
        "github": baked(ci="github", serving="container"),
        "gitlab": baked(ci="gitlab", serving="container"),
    }.items():
        found = re.findall(r"```sh\n(.*?)```", project.read("CONTRIBUTING.md"), re.DOTALL)
        assert found, name
        scripts += found
    files = [tmp_path / f"{number}.sh" for number in range(len(scripts))]
    for file, script in zip(files, scripts, strict=True):
        file.write_text(textwrap.dedent(script))
    run(TEMPLATE, tool("shellcheck"), "--shell=bash", *files)


def test_projects_pin_the_same_actions_as_the_template(baked: Bake) -> None:
    """Dependabot raises the template's pins; the baked workflows must follow by hand."""
    pinned = pins(baked(ci="github", serving="container").path / ".github/workflows")
    ours = pins(TEMPLATE / ".github/workflows")
    assert pinned == ours


def pins(workflows: Path) -> dict[str, str]:
    text = "".join(path.read_text(encoding="utf-8") for path in workflows.glob("*.yml"))
    found = re.findall(r"uses: (\S+)@(\S+ # v\S+)", text)
    ours = text.count("uses: ./")  # a workflow of the project itself
    assert text.count("uses: ") - ours == len(found)
    assert all(re.match(r"[0-9a-f]{40} ", pin) for _, pin in found)
    assert len(set(found)) == len(dict(found))
    return dict(found)


def github_jobs(baked: Bake, remote: str = "../storage", serving: str = "container") -> dict[str, Any]:
    """The jobs that have steps of their own, with those that are scripts."""
    workflows = baked(ci="github", serving=serving, dvc_remote_url=remote).path / ".github/workflows"
    jobs = [job for path in sorted(workflows.glob("*.yml")) for job in load(path)["jobs"].items()]
    found = {name: job for name, job in jobs if "steps" in job}
    for job in found.values():
        job["steps"] = [step for step in job["steps"] if "run" in step]
    return found


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)
