"""Running locust for some seconds, and reading what it has measured."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..base.errors import UserError

REQUIREMENT = "locust>=2.47,<3"
PATIENCE = 60  # seconds for locust to start and end
FILE = Path(__file__).with_name("locustfile.py")


@dataclass(frozen=True)
class Measured:
    """What the users experienced.

    Attributes:
        milliseconds: how many milliseconds each answered request took.
        reasons: how many requests failed, by the reason.
        seconds: the time from the start of the test to the end of the last request.
    """

    milliseconds: Sequence[float]
    reasons: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return sum(self.reasons.values())

    @property
    def requests(self) -> int:
        """How many requests there were, with those that failed."""
        return len(self.milliseconds) + self.failed


def check_locust() -> None:
    """Check that locust is installed, before any work is done.

    Raises:
        UserError: locust is not installed; the text says what to install.
    """
    if find_spec("locust") is None:
        raise UserError(
            f'load-test needs locust, which is not installed: `pip install "{REQUIREMENT}"` '
            "(the extra `load` of pyproject.toml)"
        )


def run(url: str, rows: list[dict[str, Any]], token: str, users: int, seconds: int) -> Measured:
    """Let users ask a server for predictions.

    Args:
        url: the server's URL.
        rows: the rows to send, one in each request, drawn at random and repeatedly.
        token: the token that the server requires; empty if it needs none.
        users: how many users ask at the same time.
        seconds: for how many seconds they ask.

    Raises:
        UserError: locust fails, or no request has ended.
    """
    with TemporaryDirectory() as folder:  # a user's locust.conf is not there
        sent, measured = Path(folder, "rows.json"), Path(folder, "measured.json")
        sent.write_text(json.dumps(rows), encoding="utf-8")
        command = [sys.executable, "-m", "locust", "--locustfile", str(FILE), "--headless", "--host", url]
        command += ["--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"]
        command += [
            "--stop-timeout",
            "15s",
            "--exit-code-on-error",
            "0",
            "--only-summary",
            "--loglevel",
            "ERROR",
        ]
        files = {"ROWS": str(sent), "MEASURED": str(measured), "TOKEN": token}
        said = _ended(command, folder, {**os.environ, **files}, seconds + PATIENCE)
        if not measured.is_file():
            raise UserError(f"locust failed: {said}")
        found = Measured(**json.loads(measured.read_text(encoding="utf-8")))
    if not found.requests:
        raise UserError(f"{url}: no request has ended in {seconds} seconds: {said}")
    return found


def _ended(command: list[str], folder: str, env: dict[str, str], patience: float) -> str:
    """Run a command until it ends, or kill it when the time is up; return the last line that it printed."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        raise UserError(f"locust has not ended after {patience:.0f} seconds") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return (said.strip().splitlines() or ["it said nothing"])[-1]
