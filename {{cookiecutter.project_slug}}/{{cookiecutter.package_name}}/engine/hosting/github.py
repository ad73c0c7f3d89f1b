"""This repository on GitHub: comments and pull requests, over its REST API."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from ..base.errors import UserError
from .rest import Api

LONGEST = 65_000  # characters of a comment; GitHub accepts 65,536


@dataclass(frozen=True)
class Comments:
    """The comments on one pull request."""

    api: Api
    issue: str

    @classmethod
    def of_this_request(cls) -> "Comments":
        """Return the comments on the pull request that this job runs for.

        Raises:
            UserError: the job runs for no pull request.
        """
        match = re.fullmatch(r"refs/pull/(\d+)/merge", _variable("GITHUB_REF"))
        if match is None:
            raise UserError(
                f"GITHUB_REF is {_variable('GITHUB_REF')}: this job does not run for a pull request"
            )
        needs = "the job needs `permissions: pull-requests: write`, which a fork's pull request does not get"
        return cls(_api(needs), match[1])

    def all(self) -> Iterator[tuple[int, str]]:
        """Yield each comment's number and text."""
        for comment in self.api.pages(f"/issues/{self.issue}/comments"):
            yield comment["id"], comment["body"] or ""

    def create(self, text: str) -> str:
        """Create a comment; returns its URL."""
        return str(self.api.call("POST", f"/issues/{self.issue}/comments", body=text)["html_url"])

    def update(self, number: int, text: str) -> str:
        """Replace the text of a comment; returns its URL."""
        return str(self.api.call("PATCH", f"/issues/comments/{number}", body=text)["html_url"])


def open_request(branch: str, title: str, text: str) -> str:
    """Open a pull request of a branch, or update the one that is open.

    Args:
        branch: the branch to merge into the branch of this job.
        title: the request's title.
        text: its description, as markdown.

    Returns:
        The request's URL.
    """
    api = _api(
        "the job needs `permissions: pull-requests: write`, and the repository's setting Actions > General > "
        "Allow GitHub Actions to create and approve pull requests"
    )
    owner, into = _variable("GITHUB_REPOSITORY").split("/")[0], _variable("GITHUB_REF_NAME")
    head, base = quote(f"{owner}:{branch}", safe=""), quote(into, safe="")
    for request in api.call("GET", f"/pulls?state=open&head={head}&base={base}"):
        return str(api.call("PATCH", f"/pulls/{request['number']}", title=title, body=text)["html_url"])
    return str(api.call("POST", "/pulls", title=title, head=branch, base=into, body=text)["html_url"])


def push_to() -> tuple[str, str, str]:
    """Return the URL to push to, `user:token`, and the permission that the token needs."""
    url = f"{_variable('GITHUB_SERVER_URL')}/{_variable('GITHUB_REPOSITORY')}.git"
    return url, f"x-access-token:{_token()}", "the job needs `permissions: contents: write`"


def job_link() -> str:
    """Link to this job, whose artifacts have the page with the pictures, as markdown."""
    server, repository = _variable("GITHUB_SERVER_URL"), _variable("GITHUB_REPOSITORY")
    url = f"{server}/{repository}/actions/runs/{_variable('GITHUB_RUN_ID')}"
    return f"`report.html` is among the artifacts of [this job](<{url}>)."


def _api(needs: str) -> Api:
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {_token()}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return Api(f"{_variable('GITHUB_API_URL')}/repos/{_variable('GITHUB_REPOSITORY')}", headers, needs)


def _token() -> str:
    return _variable("GITHUB_TOKEN")


def _variable(name: str) -> str:
    """Return a variable that GitHub's runner or the job sets."""
    if value := os.environ.get(name):
        return value
    raise UserError(f"{name} is not set; this is for a job of GitHub Actions, with the token as GITHUB_TOKEN")
