"""The jobs of both hosts' CI, really run: GitHub's step by step, GitLab's by gitlab-ci-local."""

import re
import shutil
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
    github_variables,
    gitlab_variables,
    run_github_job,
)
from tests.support.jobs import github, gitlab
from tests.support.running import commit, edit, rewrite, store

pytestmark = pytest.mark.slow


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
