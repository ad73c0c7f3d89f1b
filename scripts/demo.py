"""Bake the default project into a folder, and run it until a model is registered: `make demo`.

If it is run again, it goes on from the project that it finds there.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

TEMPLATE = Path(__file__).resolve().parent.parent
BIN = "Scripts" if os.name == "nt" else "bin"
ACTIVATE = r".venv\Scripts\activate" if os.name == "nt" else ". .venv/bin/activate"
UV = [sys.executable, "-m", "uv"]


def main(arguments: Sequence[str]) -> None:
    # A path with letters that the terminal cannot show must not stop the demo.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if len(arguments) != 1 or not arguments[0].strip():
        raise SystemExit("demo: name one folder to bake into: make demo DIR=path")
    if shutil.which("git") is None:
        raise SystemExit("demo: git is not on the PATH; DVC needs it")
    project = Path(arguments[0]).expanduser().resolve() / default_slug()

    if (project / "dvc.yaml").is_file() and (project / "params.yaml").is_file():
        say(f"{project} is there already: going on from it")
    elif os.path.lexists(project):
        raise SystemExit(f"demo: {project} exists and is not a project of this template; name another DIR")
    else:
        say(f"Baking the default project into {project}")
        bake(project)
    say("Installing its requirements into its .venv: the first time some 1.1 GB, in one to three minutes")
    install(project)
    say("Running its pipeline, half a minute: dvc repro")
    reproduce(project)
    say(summary(project))


def default_slug() -> str:
    answers = prompt_for_config(generate_context(str(TEMPLATE / "cookiecutter.json")), no_input=True)
    return str(answers["project_slug"])


def bake(project: Path) -> None:
    """Bake beside the final place, then rename, so that an interrupted bake is never taken for a project."""
    try:
        project.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"demo: cannot make the folder {project.parent}: {error.strerror}") from error
    with tempfile.TemporaryDirectory(prefix=".baking-", dir=project.parent) as folder:
        # The demo's own configuration, so that the user's defaults do not change the answers.
        config = Path(folder, "config.yaml")
        config.write_text(json.dumps({"replay_dir": folder, "cookiecutters_dir": folder}), encoding="utf-8")
        options = ["--no-input", f"--config-file={config}", f"--output-dir={folder}"]
        # The folder may be in a repository (by default, in this one), but the project gets its own.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": folder, "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "cookiecutter", *options, str(TEMPLATE)]
        run("bake the project", command, TEMPLATE, environment, quiet=True)
        make_first_commit(Path(folder, project.name))
        Path(folder, project.name).rename(project)


def make_first_commit(project: Path) -> None:
    """Make the commit that the template's hook leaves to the user if there is no git identity."""
    if not (project / ".git").exists():
        git(project, "init", "--quiet", "--initial-branch=main")
    if succeeds(["git", "rev-parse", "--verify", "--quiet", "HEAD"], project):
        return
    if not succeeds(["git", "config", "user.email"], project):
        say("git has no user.name and user.email here: the project gets some of its own")
        git(project, "config", "user.name", "Demo")
        git(project, "config", "user.email", "demo@example.invalid")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=Bake the project")


def git(project: Path, *arguments: str) -> None:
    run(f"run git {arguments[0]}", ["git", *arguments], project, quiet=True)


def install(project: Path) -> None:
    """Make or complete the project's environment; each command does only what is left to do."""
    quiet = [] if sys.stderr.isatty() else ["--quiet"]  # on a terminal, uv shows its progress
    venv = ["venv", "--quiet", "--allow-existing", "--no-project", "--python", sys.executable, ".venv"]
    run("make the project's .venv", [*UV, *venv], project)
    sync = ["pip", "sync", *quiet, "--require-hashes", "--python", ".venv", "requirements.txt"]
    run("install the project's requirements", [*UV, *sync], project)


def reproduce(project: Path) -> None:
    """Run the pipeline as in the activated environment, since stages use the first `python` on the PATH."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")
    }
    environment["VIRTUAL_ENV"] = str(project / ".venv")
    environment["PATH"] = os.pathsep.join([str(project / ".venv" / BIN), environment.get("PATH", "")])
    command = [str(project / ".venv" / BIN / "python"), "-m", "dvc", "repro"]
    run("run the pipeline", command, project, environment, alone=f"{ACTIVATE} && dvc repro")


def run(
    step: str,
    command: list[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    *,
    quiet: bool = False,
    alone: str = "",
) -> None:
    """Run a command; a failure is one line after its messages, which `quiet` holds back until then."""
    output, errors = (subprocess.PIPE, subprocess.STDOUT) if quiet else (None, None)
    done = subprocess.run(command, cwd=cwd, env=env, check=False, stdout=output, stderr=errors)
    if done.returncode == 0:
        return
    if quiet:
        sys.stderr.buffer.write(done.stdout)
        sys.stderr.flush()
    hint = f"; to run it alone: cd {shlex.quote(str(cwd))} && {alone or shlex.join(command)}"
    raise SystemExit(f"demo: could not {step}: its messages are above{'' if quiet else hint}")


def succeeds(command: list[str], cwd: Path) -> bool:
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True).returncode == 0


def summary(project: Path) -> str:
    reports = project / "reports"
    metrics = read(reports / "metrics.json")
    run_id = read(reports / "evaluation.json")["run_id"]
    registration = read(reports / "registration.json")
    return "\n".join(
        [
            "",
            "What was made",
            *picture(project, read(reports / "validation.json"), metrics, registration, run_id),
            "",
            "Next",
            f"  cd {shlex.quote(str(project))} && {ACTIVATE}",
            '  git add --all && git commit -m "First model"    # what experiments are compared with',
            "  python -m penguins ui                           # the runs and the model, in a browser",
            "  dvc exp run -S model.type=random_forest         # another model, kept as an experiment",
            "  dvc exp show --drop '.*' --keep 'Experiment|f1_macro$|model.type'",
        ]
    )


def picture(
    project: Path,
    validation: Mapping[str, Any],
    metrics: Mapping[str, Any],
    registration: Mapping[str, Any],
    run_id: str,
) -> list[str]:
    """Draw the pipeline with the results of each stage."""
    size = "{rows} rows x {columns} columns".format(**validation)
    held = "{passed} of {expectations} expectations hold".format(**validation)
    measured = [f"{name} {value:.4g}" for name, value in metrics.items() if is_number(value)]
    steps = {
        "data": [f"data/raw/penguins.csv: {size}"],
        "validate": [held, str(project / "reports" / "validation.html")],
        "train": [f"models/model.joblib, MLflow run {run_id}"],
        "evaluate": [*measured, str(project / "reports" / "plots")],
        "register": [describe(registration), *(registration.get("reasons") or [])],
    }
    lines = []
    for step, (first, *more) in steps.items():
        lines += [f"  {step:8}  {first}", *(f"     |      {line}" for line in more)]
        lines += ["     |"]
    return lines[:-1]


def read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise SystemExit(f"demo: the pipeline ended, but {path} cannot be read: {error}") from error


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def describe(registration: Mapping[str, Any]) -> str:
    version = f" version {registration['version']}" if registration.get("version") else ""
    alias = f" @{registration['alias']}" if registration.get("alias") else ""
    return f"{registration.get('model')}{version}{alias}: {registration.get('decision')}"


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        print("\ndemo: interrupted; the same command goes on from here", file=sys.stderr)
        sys.exit(130)
