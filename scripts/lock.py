"""Compile the generated project's requirements.txt: `python scripts/lock.py [--upgrade]`.

The project is baked once without and once with each DVC remote plugin, and its own command compiles each.
What only some plugins need is written back into the one template file, inside Jinja conditions. The names
that a package may not take, because the environment has them, are written into cookiecutter.json.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parent.parent
LOCK = TEMPLATE / "{{cookiecutter.project_slug}}" / "requirements.txt"
ANSWERS = TEMPLATE / "cookiecutter.json"
# The command in the lock's header, which a user of the project types.
COMPILE = "uv pip compile --extra dev --python-version 3.11 pyproject.toml -o requirements.txt"
INSTALLERS = ("pip", "pkg_resources", "setuptools", "wheel")  # that other environments have
TOP_LEVEL = "from importlib.metadata import packages_distributions as p; print(*p())"

Lock = dict[str, str]  # a package's name -> its lines


def main(upgrade: bool) -> None:
    LOCK.touch()
    with tempfile.TemporaryDirectory() as scratch:
        base = compile_lock(bake(scratch, ""), upgrade)
        locks = {"": base}
        for plugin, scheme in plugins().items():
            locks[plugin] = compile_lock(bake(scratch, scheme), upgrade, base)
        LOCK.write_text(
            merge({plugin: parse(file.read_text()) for plugin, file in locks.items()}), newline="\n"
        )

        for plugin, scheme in {"": "", **plugins()}.items():
            assert (bake(scratch, scheme) / "requirements.txt").read_text() == locks[plugin].read_text(), (
                plugin
            )
        reserve(module_names(Path(scratch), locks))


def plugins() -> dict[str, str]:
    """Each plugin of cookiecutter.json, with one URL scheme that asks for it."""
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


def compile_lock(project: Path, upgrade: bool, constraints: Path | None = None) -> Path:
    """Run the project's own command; without `upgrade`, uv keeps the pins that it finds in the file."""
    command = [sys.executable, "-m", *COMPILE.split(), "--quiet"]
    command += ["--upgrade"] * upgrade + (["--constraint", str(constraints)] if constraints else [])
    header = {"UV_CUSTOM_COMPILE_COMMAND": COMPILE}
    subprocess.run(command, cwd=project, env=os.environ | header, check=True)
    return project / "requirements.txt"


def parse(lock: str) -> Lock:
    """The header under the name "", then each package; one with a line per Python version is one package."""
    packages: defaultdict[str, str] = defaultdict(str)
    name = ""
    for line in lock.splitlines(keepends=True):
        if start := re.match(r"[a-z0-9][a-z0-9._-]*(?===)", line):
            name = start[0]
        packages[name] += line
    return dict(packages)


def merge(locks: Mapping[str, Lock]) -> str:
    """One template that renders, for each plugin, exactly that plugin's lock."""
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


def module_names(scratch: Path, locks: Mapping[str, Path]) -> set[str]:
    """What can be imported where everything is installed: the names that a project's package may not take."""
    uv = [sys.executable, "-m", "uv"]
    python = scratch / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    requirements = [f"--requirement={file}" for file in locks.values()]
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
