"""Stand-ins for GitHub and GitLab in tests: their APIs on the loopback interface, and GitHub's runner."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.baked import Baked

REPOSITORY = "team/penguins"


@dataclass
class Fake:
    """An API that keeps comments and requests in memory, and knows the paths of both hosts.

    The `answers` are given first, one for each call: (status, headers).
    """

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def answer(self, method: str, address: str, content: dict[str, Any]) -> tuple[int, Any]:
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        listed = self.comments if re.search(r"/(comments|notes)", path) else self.requests
        if method == "GET":
            size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
            return 200, listed[(page - 1) * size : page * size]
        if method == "POST":
            number = len(listed) + 1
            url = f"{self.url}/{number}"
            same = {"id": number, "iid": number, "number": number, "html_url": url, "web_url": url}
            listed.append({**same, **content})
            return 201, listed[-1]
        found = next(item for item in listed if item["id"] == int(path.rsplit("/", 1)[1]))
        found.update(content)
        return 200, found


@contextmanager
def fake() -> Iterator[Fake]:
    api = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            api.calls.append((self.command, self.path))
            api.tokens.add(self.headers["PRIVATE-TOKEN"] or self.headers["Authorization"])
            length = int(self.headers.get("Content-Length", 0))
            content = json.loads(self.rfile.read(length) or "{}")
            if api.answers:
                status, headers = api.answers.pop(0)
                said: Any = {"message": "no"}
            else:
                (status, said), headers = api.answer(self.command, self.path, content), {}
            body = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def github_variables(api: Fake, **more: str) -> dict[str, str]:
    """The variables that GitHub's runner sets."""
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": api.url,
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "1",
        "GITHUB_SERVER_URL": "http://github.test",
        **more,
    }


def gitlab_variables(api: Fake, **more: str) -> dict[str, str]:
    """The variables that GitLab's runner sets."""
    return {
        "CI": "true",
        "CI_API_V4_URL": api.url,
        "CI_COMMIT_BRANCH": "main",
        "CI_JOB_URL": "http://gitlab.test/team/penguins/-/jobs/1",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_PROJECT_URL": "http://gitlab.test/team/penguins",
        "CI_PROJECT_ID": "1",
        "CI_PROJECT_URL": "http://gitlab.test/team/penguins",
        "GITLAB_TOKEN": "secret",
        **more,
    }


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job: the exit code of each step that ran, what they printed, and the job's summary."""

    steps: dict[str, int]
    said: str
    summary: str
    outputs: dict[str, str]
    passed: bool


def run_github_job(
    project: Baked, job: dict[str, Any], contexts: dict[str, Any], variables: dict[str, str], scratch: Path
) -> Outcome:
    """Run the scripts of a job in a parsed workflow in order, as GitHub does; skip steps with `uses`."""
    files = {name: scratch / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    known = {**variables, **{name: str(file) for name, file in files.items()}}
    of_job = rendered(job.get("env", {}), contexts)
    steps: dict[str, int] = {}
    said, passed = "", True
    for step in job["steps"]:
        condition = str(step.get("if", "success()"))
        if "run" not in step or not evaluated(
            condition.removeprefix("${{").removesuffix("}}"), contexts, passed
        ):
            continue
        env = {**known, **of_job, **rendered(step.get("env", {}), contexts)}
        done = project.run(
            "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], check=False, env=env
        )
        steps[step["run"]] = done.returncode
        said += done.stdout + done.stderr
        passed = passed and (done.returncode == 0 or bool(step.get("continue-on-error")))
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Outcome(steps, said, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), outputs, passed)


def rendered(env: dict[str, Any], contexts: dict[str, Any]) -> dict[str, str]:
    """Fill in the expressions of an `env` block."""
    return {
        name: re.sub(r"\$\{\{(.*?)\}\}", lambda match: str(evaluated(match[1], contexts) or ""), str(value))
        for name, value in env.items()
    }


def evaluated(expression: str, contexts: dict[str, Any], passed: bool = True) -> Any:
    """Evaluate one of GitHub's expressions, in as much of the language as the workflows use."""

    def looked_up(match: re.Match[str]) -> str:
        value: Any = contexts
        for part in match[0].split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return repr(value)

    python = re.sub(r"\b(?:github|secrets|inputs|needs|vars)(?:\.[\w-]+)+", looked_up, expression)
    python = python.replace("&&", " and ").replace("||", " or ").replace("!cancelled()", "True")
    return eval(python.strip(), {"success": lambda: passed})


def path_with(*folders: Path) -> str:
    """PATH with these folders before all others."""
    return os.pathsep.join([*map(str, folders), os.environ["PATH"]])
