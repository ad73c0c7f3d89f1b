"""This project on GitLab: comments and merge requests, over its REST API."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from ..base.errors import UserError
from .rest import Api

LONGEST = 900_000  # characters of a comment; GitLab accepts a million


@dataclass(frozen=True)
class Comments:
    """The comments on one merge request."""

    api: Api
    path: str

    @classmethod
    def of_this_request(cls) -> "Comments":
        """Return the comments on the merge request that this job runs for.

        Raises:
            UserError: the job runs for no merge request, or for one from a fork, whose jobs have no token.
        """
        api = _api("CI_MERGE_REQUEST_PROJECT_ID")
        return cls(api, f"/merge_requests/{_variable('CI_MERGE_REQUEST_IID')}/notes")

    def all(self) -> Iterator[tuple[int, str]]:
        """Yield each comment's number and text."""
        for note in self.api.pages(self.path):
            yield note["id"], note["body"]

    def create(self, text: str) -> str:
        """Create a comment; returns its URL."""
        return self._address(self.api.call("POST", self.path, body=text)["id"])

    def update(self, number: int, text: str) -> str:
        """Replace the text of a comment; returns its URL."""
        return self._address(self.api.call("PUT", f"{self.path}/{number}", body=text)["id"])

    def _address(self, number: int) -> str:
        project, request = _variable("CI_MERGE_REQUEST_PROJECT_URL"), _variable("CI_MERGE_REQUEST_IID")
        return f"{project}/-/merge_requests/{request}#note_{number}"


def open_request(branch: str, title: str, text: str) -> str:
    """Open a merge request of a branch, or update the one that is open.

    Args:
        branch: the branch to merge into the branch of this job.
        title: the request's title.
        text: its description, as markdown.

    Returns:
        The request's URL.
    """
    api, into = _api("CI_PROJECT_ID"), _variable("CI_COMMIT_BRANCH")
    branches = f"source_branch={quote(branch, safe='')}&target_branch={quote(into, safe='')}"
    for request in api.call("GET", f"/merge_requests?state=opened&{branches}"):
        path = f"/merge_requests/{request['iid']}"
        return str(api.call("PUT", path, title=title, description=text)["web_url"])
    new = {"source_branch": branch, "target_branch": into, "remove_source_branch": True}
    return str(api.call("POST", "/merge_requests", title=title, description=text, **new)["web_url"])


def push_to() -> tuple[str, str, str]:
    """Return the URL to push to, `user:token`, and the permission that the token needs."""
    needs = "GITLAB_TOKEN must be a developer's and have the scope write_repository"
    return f"{_variable('CI_PROJECT_URL')}.git", f"oauth2:{_token()}", needs


def job_link() -> str:
    """Link to this job, whose artifacts have the page with the pictures, as markdown."""
    return f"`report.html` is among the artifacts of [this job](<{_variable('CI_JOB_URL')}>)."


def _api(project: str) -> Api:
    needs = "GITLAB_TOKEN must be a project access token of a developer, with the scope api"
    url = f"{_variable('CI_API_V4_URL')}/projects/{_variable(project)}"
    return Api(url, {"PRIVATE-TOKEN": _token()}, needs)


def _token() -> str:
    return _variable("GITLAB_TOKEN")


def _variable(name: str) -> str:
    """Return a variable that GitLab's runner or the project sets."""
    if value := os.environ.get(name):
        return value
    raise UserError(
        f"{name} is not set; this is for a job of GitLab CI, with a project access token as the masked "
        "variable GITLAB_TOKEN, which a fork's jobs do not get"
    )
