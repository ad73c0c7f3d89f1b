"""Commit what `dvc repro` has changed to the branch `retrain`, and open or update its pull or merge request.

The branch belongs to this command, which overwrites what is on it.
"""

import base64
import os
import subprocess
from argparse import ArgumentParser, Namespace

from ..base import git
from ..base.errors import UserError
from ..hosting.host import current, shortened
from ..project import load_params
from ..reporting import revision
from .options import add_page

BRANCH = "retrain"
RESULTS = ("dvc.lock", "reports", "data", "requirements.txt", "requirements-dev.txt")
AUTHOR = {"NAME": "Retraining", "EMAIL": "retraining@example.invalid"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the page that describes the request."""
    add_page(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    if not git.text("status", "--porcelain", "--", *RESULTS):
        print("nothing has changed, so there is nothing to propose")
        return
    host = current()
    title = f"Retrain: {improvement()}"
    text = f"{arguments.page.read_text(encoding='utf-8')}\n{host.job_link()}\n"
    push(title)
    print(host.open_request(BRANCH, title, shortened(text, host)))


def improvement() -> str:
    """Return the primary metric and its value in the last commit: `f1_macro 0.97 (was 0.96)`."""
    metric = load_params().evaluate.primary_metric
    was, now = (r.metrics.get(metric) for r in (revision.at("HEAD"), revision.in_workspace()))
    before = "" if was is None else f" (was {was:.4g})"
    return f"{metric} not measured" if now is None else f"{metric} {now:.4g}{before}"


def push(title: str) -> None:
    """Commit the results to the branch, and push it.

    Args:
        title: the commit's message.

    Raises:
        UserError: git fails.
    """
    url, login, needs = current().push_to()
    author = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in AUTHOR.items()}
    # in the environment: other users could read the token on a command line
    basic = base64.b64encode(login.encode()).decode()
    secret = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{url}.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        "GIT_TERMINAL_PROMPT": "0",
    }
    run("switch", "--quiet", "-C", BRANCH)
    run("add", "--", *RESULTS)
    run("commit", "--quiet", "--message", title, env=author)
    run("push", "--quiet", "--force", url, f"HEAD:refs/heads/{BRANCH}", env=secret, needs=needs)


def run(*arguments: str, env: dict[str, str] | None = None, needs: str = "") -> None:
    """Run git.

    Args:
        arguments: git's arguments.
        env: variables to add to the environment.
        needs: what the command needs; added to the message if it fails.

    Raises:
        UserError: git fails; has git's reason.
    """
    env = {**os.environ, **(env or {})}
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, errors="replace", env=env)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise UserError(f"git {arguments[0]}: {reason}" + (f"; {needs}" if needs else ""))
