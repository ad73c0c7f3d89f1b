"""A baked project, for use in a test."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[2]
PROGRESS = re.compile(r"(?!error: |warning: ).* \(\d+ s\)")  # what base/progress.py writes to a log
NOT_OURS = {".git", ".venv", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}


@dataclass(frozen=True)
class Baked:
    path: Path
    bin: Path | None = None  # the environment whose programs `run` finds first
    shims: Path | None = None  # a folder of shims before them, which start them in no time

    def within(self, environment: Path, shims: Path | None = None) -> "Baked":
        return replace(self, bin=environment, shims=shims)

    @property
    def cold(self) -> "Baked":
        """The same project without shims, for tests in which it matters how a program starts."""
        return replace(self, shims=None)

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def read(self, name: str) -> str:
        return (self.path / name).read_bytes().decode("utf-8")

    def files(self) -> Iterator[str]:
        """Every file that the template made, except for DVC's cache."""
        for file in sorted(self.path.rglob("*")):
            name = file.relative_to(self.path)
            if file.is_file() and not NOT_OURS & set(name.parts) and name.parts[:2] != (".dvc", "cache"):
                yield name.as_posix()

    def run(
        self, *command: str | Path, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return run(self.path, *command, check=check, bin=self.bin, shims=self.shims, env=env)

    def refused(
        self,
        *command: str | Path,
        code: int = 1,
        silent: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command with a user's mistake, and return its one line; `silent`: nothing is on stdout."""
        done = self.run(*command, check=False, env=env)
        assert done.returncode == code, done.stdout + done.stderr
        assert not (silent and done.stdout)
        lines = messages(done.stderr)
        assert len(lines) == 1, f"not one line:\n{done.stderr}"
        assert lines[0].startswith("error: "), lines[0]
        return lines[0].removeprefix("error: ")


def messages(stderr: str) -> list[str]:
    """The lines without those about progress, which appear on a busy machine if work takes over 30 s."""
    return [line for line in stderr.splitlines() if not PROGRESS.fullmatch(line)]


def run(
    cwd: Path,
    *command: str | Path,
    check: bool = True,
    bin: Path | None = None,
    shims: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command until it ends, without a terminal; a failure shows what the command printed."""
    # a project is only in a CI job if a test says so, even if the template's own tests run in one
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | dict(env or {})
    if bin:
        environment["PATH"] = os.pathsep.join([*map(str, filter(None, (shims, bin))), environment["PATH"]])
        environment["VIRTUAL_ENV"] = str(bin.parent)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if check and done.returncode:
        raise AssertionError(
            f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done


def cookiecutter(
    cwd: Path, *arguments: str, check: bool = True, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would type it, in the folder `cwd`."""
    return run(cwd, sys.executable, "-m", "cookiecutter", str(TEMPLATE), *arguments, check=check, env=env)


def literally(text: str) -> str:
    """Return an answer that renders to the text; cookiecutter renders answers unless they are typed."""
    for character in ("\\", '"'):
        text = text.replace(character, f"\\{character}")
    return '{{ "' + text + '" }}'
