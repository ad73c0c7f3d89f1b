"""Compile the generated project's locks, and the template's own: `python -m scripts.lock [--upgrade]`.

requirements.txt is to run, requirements-dev.txt has the same and a developer's tools. The project is baked
once without and once with each DVC remote plugin, and its own commands compile both. What only some plugins
need is written back into one template file for each, inside Jinja conditions. The names that a package may
not take, because the environment has them, are written into cookiecutter.json. The template's own lock has
all that the project's has: the tests of the engine import it.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cookiecutter.main import cookiecutter

from scripts import badges, compatibility

TEMPLATE = Path(__file__).resolve().parent.parent
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
SERVER = PROJECT / "deploy" / "tracking"
ANSWERS = TEMPLATE / "cookiecutter.json"
RUN, DEV = "requirements.txt", "requirements-dev.txt"
# The command in each lock's header, which the project's users type; the second one needs the first lock.
COMPILE = {
    RUN: f"uv pip compile --python-version 3.11 pyproject.toml -o {RUN}",
    DEV: f"uv pip compile --extra dev --extra cluster --python-version 3.11 -c {RUN} pyproject.toml -o {DEV}",
}
INSTALLERS = ("pip", "pkg_resources", "setuptools", "wheel")  # other environments have these
TOP_LEVEL = "from importlib.metadata import packages_distributions as p; print(*p())"

Lock = dict[str, str]  # a package's name -> its lines


def main(upgrade: bool) -> None:
    for name in COMPILE:
        (PROJECT / name).touch()
    with tempfile.TemporaryDirectory() as scratch:
        projects = {"": bake(scratch, "")}
        compile_locks(projects[""], upgrade)
        for plugin, scheme in plugins().items():
            projects[plugin] = bake(scratch, scheme)
            compile_locks(projects[plugin], upgrade, projects[""])
        for name in COMPILE:
            locks = {plugin: parse((project / name).read_text()) for plugin, project in projects.items()}
            (PROJECT / name).write_text(merge(locks), newline="\n")

        for plugin, scheme in {"": "", **plugins()}.items():
            again = bake(scratch, scheme)
            for name in COMPILE:
                assert (again / name).read_text() == (projects[plugin] / name).read_text(), (plugin, name)
        compile_own(projects[""] / DEV, upgrade)
        compile_server(projects[""] / RUN, upgrade)
        reserve(module_names(Path(scratch), [project / DEV for project in projects.values()]))
    compatibility.write()
    badges.write()


def plugins() -> dict[str, str]:
    """Return each plugin of cookiecutter.json, with one URL scheme that requires it."""
    schemes = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_dvc_plugins"]
    return {requirement.split(">")[0]: scheme for scheme, requirement in schemes.items()}


def bake(scratch: str, scheme: str) -> Path:
    remote = {"dvc_remote_url": f"{scheme}://host/path"} if scheme else {}
    output = tempfile.mkdtemp(dir=scratch)
    project = cookiecutter(
        str(TEMPLATE),
        no_input=True,
        extra_context=remote,
        output_dir=output,
        accept_hooks=False,
        default_config=True,
    )
    return Path(project)


def compile_locks(project: Path, upgrade: bool, base: Path | None = None) -> None:
    """Run the project's own commands, constrained to the versions of a base project if one is given.

    Without `upgrade`, uv keeps the pins that it finds in the files.
    """
    for name, command in COMPILE.items():
        options = ["--quiet"] + ["--upgrade"] * upgrade + (["--constraint", str(base / name)] if base else [])
        header = {"UV_CUSTOM_COMPILE_COMMAND": command}
        arguments = [sys.executable, "-m", *command.split(), *options]
        subprocess.run(arguments, cwd=project, env=os.environ | header, check=True)


def compile_own(project_lock: Path, upgrade: bool) -> None:
    """Compile the lock of the template's own environment on top of the project's."""
    options = "--quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11"
    files = ["tests/requirements.in", str(project_lock), "-o", "tests/requirements.txt"]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options.split(), *files]
    header = {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    subprocess.run([*command, *["--upgrade"] * upgrade], cwd=TEMPLATE, env=os.environ | header, check=True)


def compile_server(project_lock: Path, upgrade: bool) -> None:
    """Compile the lock of the tracking server's environment, with the same MLflow as the project's."""
    named = {
        name: SERVER / f"{{% if cookiecutter.__server %}}{name}{{% endif %}}"
        for name in ("requirements.in", RUN)
    }
    version = re.search(r"^mlflow==(\S+)", project_lock.read_text(), re.MULTILINE)
    assert version, f"{project_lock} has no mlflow"
    wanted = re.sub(
        r"^mlflow\[auth\]==\S+",
        f"mlflow[auth]=={version[1]}",
        named["requirements.in"].read_text(),
        flags=re.MULTILINE,
    )
    command = next(line[2:] for line in wanted.splitlines() if line.startswith("# uv pip compile"))
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "requirements.in").write_text(wanted)
        (Path(scratch) / RUN).write_text(named[RUN].read_text())
        options = ["--quiet", "--no-emit-index-url", *["--upgrade"] * upgrade]
        header = {"UV_CUSTOM_COMPILE_COMMAND": command}
        subprocess.run(
            [sys.executable, "-m", *command.split(), *options],
            cwd=scratch,
            env=os.environ | header,
            check=True,
        )
        for name, file in named.items():
            file.write_text((Path(scratch) / name).read_text(), newline="\n")


def parse(lock: str) -> Lock:
    """Return the header under the name "", then each package, even if it has a line per Python version."""
    packages: defaultdict[str, str] = defaultdict(str)
    name = ""
    for line in lock.splitlines(keepends=True):
        if start := re.match(r"[a-z0-9][a-z0-9._-]*(?===)", line):
            name = start[0]
        packages[name] += line
    return dict(packages)


def merge(locks: Mapping[str, Lock]) -> str:
    """Return one template that renders, for each plugin, exactly that plugin's lock."""
    return "".join(merged_lines(locks))


def merged_lines(locks: Mapping[str, Lock]) -> Iterator[str]:
    for name in sorted({name for lock in locks.values() for name in lock}):
        wanted_by: defaultdict[str, list[str]] = defaultdict(list)
        for plugin, lock in locks.items():
            wanted_by[lock.get(name, "")].append(plugin)
        for lines, names in wanted_by.items():
            if len(wanted_by) == 1:
                yield lines
            elif lines:
                quoted = ", ".join(f"'{name}'" for name in names)
                yield f"{{%- if cookiecutter.__dvc_plugin in [{quoted}] %}}\n{lines}{{%- endif %}}\n"


def module_names(scratch: Path, locks: Iterable[Path]) -> set[str]:
    """Return the names that a project's package may not take: all modules that can be imported."""
    uv = [sys.executable, "-m", "uv"]
    python = scratch / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    requirements = [f"--requirement={file}" for file in locks]
    subprocess.run([*uv, "venv", "--quiet", scratch / "venv"], check=True)
    subprocess.run(
        [*uv, "pip", "install", "--quiet", f"--python={python}", *requirements], cwd=scratch, check=True
    )
    names = subprocess.run(
        [python, "-c", TOP_LEVEL], check=True, capture_output=True, text=True
    ).stdout.split()
    return {name for name in {*names, *INSTALLERS} if re.fullmatch(r"[a-z][a-z0-9_]*", name)}


def reserve(names: set[str]) -> None:
    line = re.compile(r'(?<="a module that the project installs": ")[^"]*')
    ANSWERS.write_text(line.sub(" ".join(sorted(names)), ANSWERS.read_text("utf-8")), "utf-8", newline="\n")


if __name__ == "__main__":
    if not set(sys.argv[1:]) <= {"--upgrade"}:
        raise SystemExit(__doc__)
    main(upgrade="--upgrade" in sys.argv)
