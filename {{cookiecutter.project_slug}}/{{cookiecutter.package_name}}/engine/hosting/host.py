"""The host whose CI job this is."""

import os
from types import ModuleType

from ..base.errors import UserError


def current() -> ModuleType:
    """Return the module of the host that this job runs on; both have the same functions.

    Raises:
        UserError: this is not a job of GitHub Actions or GitLab CI.
    """
    if "GITHUB_ACTIONS" in os.environ or "GITHUB_REPOSITORY" in os.environ:
        from . import github

        return github
    if "GITLAB_CI" in os.environ or "CI_PROJECT_ID" in os.environ:
        from . import gitlab

        return gitlab
    raise UserError("this command works only in a job of GitHub Actions or GitLab CI")


def shortened(text: str, host: ModuleType) -> str:
    """Return as much of a comment's text as a host accepts."""
    most = int(host.LONGEST)
    return text if len(text) <= most else text[:most] + "\n\n… the rest is in the job's artifacts."
