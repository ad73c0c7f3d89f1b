"""Where everything is measured: an environment made from the project's lock, and a set of variables."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import Table
from scripts import demo

HERE = Path(__file__).parent
BUILD = HERE.parent / ".bench"  # ignored by git
SCRIPTS = HERE / "scripts"
LIBRARIES = ("dvc", "great-expectations", "mlflow", "numpy", "optuna", "pandas", "scikit-learn", "skops")
KEDRO = ("kedro", "kedro-datasets", "kedro-mlflow")


def bake(project: Path) -> None:
    """Bake the template as it stands into a new folder, with the default answers and a first commit."""
    baked = project.with_name(demo.default_slug())
    demo.bake(baked)
    baked.rename(project)


def ready(own: Sequence[str] = (), locked_to: Sequence[str] = ()) -> Path:
    """Install the lock of the project as baked, unless that was done before; return the programs' folder.

    Args:
        own: the requirements of a contestant that has an environment of its own: only they are installed, in
            the versions of the lock.
        locked_to: those in the versions of the lock, if not all are.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        bake(project)
        lock = (project / "requirements.txt").read_text()
    text = "\n".join([lock, *own])
    venv = BUILD / f"environment-{hashlib.md5(text.encode()).hexdigest()[:8]}"
    installed = venv / "installed"
    if not installed.exists():
        print(f"Installing {' '.join(own) or 'the project requirements'} into {venv}", file=sys.stderr)
        BUILD.mkdir(exist_ok=True)
        locked = venv.with_suffix(".txt")
        locked.write_text(_versions(lock, locked_to) if own else lock)
        subprocess.run(
            [*demo.UV, "venv", "--quiet", "--clear", f"--python={sys.executable}", venv], check=True
        )
        install = ["install", "--constraints", str(locked), *own] if own else ["sync", str(locked)]
        # compiled now, so that no contestant pays for being the first to import something
        command = ["pip", *install, "--quiet", "--compile-bytecode", "--python", str(venv)]
        subprocess.run([*demo.UV, *command], check=True)
        installed.touch()
    return venv / demo.BIN


def _versions(lock: str, names: Sequence[str]) -> str:
    """Take versions out of a lock, of some libraries or all: a constraint has neither extras nor hashes."""
    lines = [line.rstrip(" \\") for line in lock.splitlines() if line[:1].isalnum()]
    kept = [line for line in lines if not names or re.split(r"[\[=]", line)[0] in names]
    return "\n".join(re.sub(r"\[.*?\]", "", line) for line in kept)


def variables(programs: Path, threads: int) -> dict[str, str]:
    """Return the environment variables that every contestant gets: nobody's settings, nobody's caches."""
    inherited = ("PYTHON", "DVC_", "MLFLOW_", "GIT_", "GX_", "OMP_", "UV_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    caches = BUILD / "caches"
    caches.mkdir(parents=True, exist_ok=True)
    identity = caches / "gitconfig"
    identity.write_text("[user]\nname = A Benchmark\nemail = benchmark@example.invalid\n")
    return {
        **kept,
        "PATH": os.pathsep.join([str(programs), kept.get("PATH", "")]),
        "VIRTUAL_ENV": str(programs.parent),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "GIT_CONFIG_GLOBAL": str(identity),
        "GIT_CEILING_DIRECTORIES": str(BUILD),
        "DVC_SITE_CACHE_DIR": str(caches / "dvc"),
        "DVC_NO_ANALYTICS": "true",
        "MPLCONFIGDIR": str(caches / "matplotlib"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GX_ANALYTICS_ENABLED": "false",
        "KEDRO_DISABLE_TELEMETRY": "true",
    }


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str]) -> str:
    """Run something that is not measured; return what it prints.

    Raises:
        SystemExit: it fails.
    """
    done = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"benchmarks: {' '.join(map(str, command))} failed in {cwd}:\n{done.stderr}")
    return done.stdout


def make_table(table: Table, env: dict[str, str]) -> Path:
    """Make a table, unless that was done before; return its file."""
    path = BUILD / "tables" / f"{table.size}-{table.rows}x{table.columns}.{table.kind}"
    if not path.exists():
        print(f"Making the table {table}", file=sys.stderr)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"part.{path.name}")
        sizes = [table.size, str(table.rows), str(table.columns), str(partial)]
        run(["python", SCRIPTS / "make_table.py", *sizes], BUILD, env)
        partial.replace(path)
    return path


def versions(env: dict[str, str], libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Return the versions of Python and of libraries in an environment."""
    code = (
        "import json, platform, sys; from importlib.metadata import version; "
        "versions = {name: version(name) for name in sys.argv[1:]}; "
        "print(json.dumps({'Python': platform.python_version(), **versions}))"
    )
    found: dict[str, str] = json.loads(run(["python", "-c", code, *libraries], BUILD, env))
    return found
