"""The sticky comment, posted to a stand-in of each host's API by the baked project's command."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import Baked
from tests.support.hosts import Fake, fake, github_variables, gitlab_variables

pytestmark = pytest.mark.slow


COMMENT = ("python", "-m", "penguins", "comment", "page.md")


@dataclass
class Host:
    project: Baked
    api: Fake
    env: Callable[[Fake], dict[str, str]]
    token: str
    permission: str

    def comment(self) -> str:
        return self.project.run(*COMMENT, env=self.env(self.api)).stdout

    def refused(self, **env: str) -> str:
        return self.project.refused(*COMMENT, env={**self.env(self.api), **env})


@pytest.fixture(params=["github", "gitlab"])
def host(
    request: pytest.FixtureRequest, baked: Bake, environment: Path, shims: Path | None
) -> Iterator[Host]:
    project = baked(ci=request.param).within(environment, shims)
    (project.path / "page.md").write_text("## Hello\n", encoding="utf-8")
    with fake() as api:
        if request.param == "github":
            yield Host(
                project,
                api,
                lambda a: github_variables(a, GITHUB_TOKEN="secret"),
                "Bearer secret",
                "pull-requests: write",
            )
        else:
            yield Host(project, api, gitlab_variables, "secret", "the scope api")
    (project.path / "page.md").unlink()


def test_created_then_updated(host: Host) -> None:
    host.api.comments += [
        {"id": number, "body": f"talk, not <!-- penguins: report --> {number}"} for number in range(150)
    ]
    assert "created" in host.comment()
    (host.project.path / "page.md").write_text("## Again\n", encoding="utf-8")
    assert "updated" in host.comment()
    (ours,) = [c["body"] for c in host.api.comments if c["body"].startswith("<!-- penguins: report -->")]
    assert "## Again" in ours
    assert "## Hello" not in ours
    assert "[this job](<http://" in ours
    assert len(host.api.comments) == 151
    assert host.api.tokens == {host.token}


def test_refused(host: Host) -> None:
    host.api.answers = [(403, {})]
    said = host.refused()
    assert host.permission in said
    assert "secret" not in said
    assert host.api.comments == []


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for(host: Host, status: int) -> None:
    host.api.answers = [(status, {"Retry-After": "2"})]
    start = time.monotonic()
    assert "created" in host.comment()
    assert time.monotonic() - start >= 2
    assert len(host.api.calls) == 3


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, {}])
def test_a_long_limit_is_told(host: Host, headers: dict[str, str]) -> None:
    host.api.answers = [(429, headers)]
    assert "rate limit is reached (429); run the job again" in host.refused()
    assert len(host.api.calls) == 1


def test_a_page_that_is_too_long_is_cut(host: Host) -> None:
    (host.project.path / "page.md").write_text("x" * 1_200_000, encoding="utf-8")
    host.comment()
    (made,) = host.api.comments
    assert len(made["body"]) < 1_000_000
    assert made["body"].endswith("the rest is in the job's artifacts.")


def test_without_a_token(host: Host) -> None:
    assert "TOKEN is not set" in host.refused(GITHUB_TOKEN="", GITLAB_TOKEN="")


def test_a_host_that_is_not_there(host: Host) -> None:
    host.api.url = "http://127.0.0.1:9"
    assert "cannot be reached" in host.refused()
