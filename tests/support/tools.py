"""The linters that the tests run: programs of the tests' own environment."""

import os
import sys
import sysconfig
from pathlib import Path
from shutil import which

from check_jsonschema.cli.main_command import main as check_jsonschema
from click.testing import CliRunner
from filelock import FileLock
from ruamel.yaml.constructor import SafeConstructor

from tests.support.baked import TEMPLATE, run


def tool(name: str) -> str:
    """Return the path of a program that tests/requirements.txt installs, or that the system has."""
    path = which(name, path=os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"])))
    assert path, f"{name} is missing: install tests/requirements.txt"
    return path


def environment_of(name: str, *requirements: str) -> Path:
    """Return the programs' folder of a separate environment; it is made anew if its requirements change."""
    venv, wanted = TEMPLATE / ".environments" / name, "\n".join(requirements)
    venv.parent.mkdir(exist_ok=True)
    with FileLock(f"{venv}.lock"):
        if not (whole := venv / "whole").exists() or whole.read_text() != wanted:
            uv = (sys.executable, "-m", "uv")
            run(TEMPLATE, *uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv)
            run(TEMPLATE, *uv, "pip", "install", "--quiet", "--python", venv, *requirements)
            whole.write_text(wanted)
    return venv / ("Scripts" if os.name == "nt" else "bin")


def assert_schema(schema: str, *files: Path) -> None:
    """Validate files against one of the schemas that come with check-jsonschema."""
    assert files
    constructors = SafeConstructor.yaml_constructors
    before = dict(constructors)
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])
    # check-jsonschema would turn dates into text in everything that this process reads from then on
    constructors.clear()
    constructors.update(before)
    assert done.exit_code == 0, done.output


def assert_no_findings(*inputs: Path) -> None:
    """Check workflows with zizmor."""
    run(TEMPLATE, tool("zizmor"), "--offline", *inputs)
