"""The libraries of an image: the version's own and the server's few, resolved together, once."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..base import git
from ..base.console import working
from ..base.errors import UserError
from ..base.files import write_text
from ..base.paths import REQUIREMENTS
from ..tracking.artifacts import keep, kept

if TYPE_CHECKING:
    from mlflow import MlflowClient

# MLflow without its tracking server, its pages and their libraries: less than half the size
SLIM = {"mlflow": "mlflow-skinny"}
SERVER = (
    "filelock",
    "flask-swagger-ui",
    "prometheus-client",
    "psutil",
    "pydantic",
    "python-dotenv",
    "ruamel-yaml",
    "starlette",
    "uvicorn",
)
REGISTRY = ("boto3",)  # needed to read a registry whose server leaves artifacts in S3
REQUESTS = ("pyarrow",)  # needed to log requests as parquet
OPTIONS = "--universal --generate-hashes --no-annotate --no-header --only-binary :all:"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Wanted:
    """What an image's libraries are resolved from.

    Attributes:
        own: the version's requirements, each pinned.
        server: the names of further libraries.
        python: the version of Python, such as 3.12.
        commit: the commit whose lock is used; empty for the project's current lock.
        run: the version's run, with which the result is kept; empty if it is not kept.
    """

    own: Sequence[str]
    server: Sequence[str]
    python: str
    commit: str
    run: str

    def resolve(self, client: "MlflowClient") -> tuple[str, str]:
        """Return requirements.txt with hashes, and where it comes from.

        Raises:
            UserError: uv is missing, or finds no versions that go together.
        """
        asked = "".join(f"{line}\n" for line in sorted({*self.own, *self.server}))
        key = hashlib.md5(f"{self.python}\n{asked}".encode()).hexdigest()[:8]
        name = f"serving/requirements-{key}.txt"
        if self.run and (text := kept(client, self.run, name)):
            return text, "as they were resolved for this version before"
        with working("resolving the libraries"):
            text = compiled(asked, constraints(self.lock(), self.own), self.python)
        if not self.run:
            return text, "resolved now; the version has no run to keep them with"
        refused = keep(client, self.run, name, text)
        return text, f"resolved now; not kept with the version: {refused}" if refused else "resolved now"

    def lock(self) -> str:
        """Return the project's lock as it was when the version was trained.

        Raises:
            UserError: this clone lacks the commit.
        """
        if not self.commit:
            return REQUIREMENTS.read_text(encoding="utf-8") if REQUIREMENTS.exists() else ""
        if git.text("rev-parse", "--verify", "--quiet", f"{self.commit}^{{commit}}") is None:
            raise UserError(
                f"this clone lacks the commit {self.commit[:12]} of the version: `git fetch --all`"
            )
        return git.text("show", f"{self.commit}:./{REQUIREMENTS.name}") or ""


def slim(requirements: Iterable[str]) -> list[str]:
    """Return requirements with MLflow's smaller package in place of the full one."""
    named = [(requirement, _name(requirement)) for requirement in requirements]
    return [
        SLIM[name] + requirement[len(name) :] if name in SLIM else requirement for requirement, name in named
    ]


def constraints(lock: str, own: Iterable[str]) -> str:
    """Return the pinned libraries of a lock, except those that the version itself pins."""
    pinned = {_name(requirement) for requirement in own}
    lines = [line.rstrip("\\ ") for line in lock.splitlines() if NAME.match(line)]
    return "".join(f"{line}\n" for line in lines if _name(line) not in pinned)


def compiled(asked: str, constraints: str, python: str) -> str:
    """Let uv find versions of libraries that go together.

    Raises:
        UserError: uv is not installed, or there are no such versions.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("asked.in", "lock.txt", "requirements.txt")]
        write_text(files[0], asked)
        write_text(files[1], constraints)
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *OPTIONS.split()]
        command += ["--python-version", python, "--constraint", str(files[1])]
        done = subprocess.run(
            [*command, "--output-file", str(files[2]), str(files[0])], capture_output=True, text=True
        )
        if "No module named uv" in done.stderr:
            raise UserError("uv, which resolves an image's libraries, is not installed: `pip install uv`")
        if done.returncode:
            said = " ".join(done.stderr.replace("\u2570\u2500\u25b6", "").replace("\u00d7", "").split())
            raise UserError(f"the version's libraries cannot be resolved: {said[:600]}")
        return files[2].read_text(encoding="utf-8")


def _name(requirement: str) -> str:
    named = NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", named[0]).lower() if named else ""
