"""A baked project, as a test sees it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[2]
PROGRESS = re.compile(r"(?!error: |warning: ).* \(\d+ s\)")  # as base/progress.py writes it into a log
NOT_OURS = {".git", ".venv", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}


@dataclass(frozen=True)
class Baked:
    path: Path
    bin: Path | None = None  # the environment whose programs `run` finds first
    shims: Path | None = None  # what stands before them, and lets them start in no time

    def within(self, environment: Path, shims: Path | None = None) -> "Baked":
        return replace(self, bin=environment, shims=shims)

    @property
    def cold(self) -> "Baked":
        """The same, for tests in which it matters how a program starts."""
        return replace(self, shims=None)

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def read(self, name: str) -> str:
        return (self.path / name).read_bytes().decode("utf-8")

    def files(self) -> Iterator[str]:
        """Every file that the template made, but for DVC's cache."""
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
        """Run what is a user's mistake, and return the one line that says so; `silent`: on stdout nothing."""
        done = self.run(*command, check=False, env=env)
        assert done.returncode == code, done.stdout + done.stderr
        assert not (silent and done.stdout)
        lines = messages(done.stderr)
        assert len(lines) == 1, f"not one line:\n{done.stderr}"
        assert lines[0].startswith("error: "), lines[0]
        return lines[0].removeprefix("error: ")


def messages(stderr: str) -> list[str]:
    """The lines but for those that show how far work has come: on a busy machine each takes over 30 s."""
    return [line for line in stderr.splitlines() if not PROGRESS.fullmatch(line)]


def run(
    cwd: Path,
    *command: str | Path,
    check: bool = True,
    bin: Path | None = None,
    shims: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run to the end, without a terminal; a failure shows what the command said."""
    # a project's own CI job is what a test makes one; where the template's tests run is another matter
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
    """The command as a user types it, in the folder `cwd`."""
    return run(cwd, sys.executable, "-m", "cookiecutter", str(TEMPLATE), *arguments, check=check, env=env)


def literally(text: str) -> str:
    """cookiecutter renders an answer given in advance, not a typed one; this renders to the text itself."""
    for character in ("\\", '"'):
        text = text.replace(character, f"\\{character}")
    return '{{ "' + text + '" }}'
