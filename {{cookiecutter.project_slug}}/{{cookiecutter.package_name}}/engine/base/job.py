"""The CI job that this process runs in, if it does."""

import os


def is_job() -> bool:
    """Tell whether this is a job: GitHub, GitLab and most other hosts set the variable CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def url() -> str:
    """Return the address of the job's page on GitHub or GitLab; empty elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    on_github = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    return os.environ.get("CI_JOB_URL") or on_github
