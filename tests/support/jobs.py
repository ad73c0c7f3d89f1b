"""Really running the jobs of a project's CI: GitHub's step by step, GitLab's with gitlab-ci-local."""

import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.baked import Baked
from tests.support.hosts import (
    REPOSITORY,
    Fake,
    Outcome,
    github_variables,
    path_with,
    run_github_job,
)


def github(
    project: Baked, workflow: str, job: str, api: Fake, installed: Path, scratch: Path, **contexts: Any
) -> Outcome:
    """Run a job of a workflow, by default for a pull request from the same repository."""
    parsed = YAML(typ="safe").load(project.read(f".github/workflows/{workflow}.yml"))
    of_job = parsed["jobs"][job]
    event = {"pull_request": {"head": {"repo": {"full_name": REPOSITORY}}}}
    context = {"event_name": "pull_request", "repository": REPOSITORY, "actor": "ada", "token": "secret"}
    known = {"github": {**context, "event": event}, "secrets": {}, **contexts}
    mypy = str(installed / "mypy")
    variables = github_variables(api, PATH=path_with(installed), MYPY_CACHE_DIR=mypy)
    return run_github_job(project, of_job, known, variables, scratch)


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
        # node's pipes are sockets, and an outermost bash on a socket reads ~/.bashrc, as in a remote login
        env={"NO_COLOR": "1", "SHLVL": "1"},
    )
