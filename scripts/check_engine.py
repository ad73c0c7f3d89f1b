"""Lint and type-check the engine in the template, by the rules of a baked project; `make lint` runs this.

The rules are in the project's pyproject.toml, which is Jinja until it is baked, so only its tables for ruff
and mypy are read. mypy does not accept a package whose name is in braces, so it runs inside this package,
where `engine` is a package of its own.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
PACKAGE = PROJECT / "{{cookiecutter.package_name}}"
TABLE = re.compile(r"^\[.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
# stubs of libraries import `__main__`, which here is the file beside the engine, and still Jinja
NOT_OURS = '[[tool.mypy.overrides]]\nmodule = "__main__"\nfollow_imports = "skip"\n'


def main() -> int:
    """Run all checks, and return 0 if they find nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        rules = Path(scratch) / "pyproject.toml"
        rules.write_text(project_rules() + NOT_OURS, encoding="utf-8")
        ruff, mypy = (sys.executable, "-m", "ruff"), (sys.executable, "-m", "mypy")
        settings = ("--config", rules, "--cache-dir", TEMPLATE / ".ruff_cache")
        types = ("--config-file", rules, "--cache-dir", TEMPLATE / ".mypy_cache/engine")
        commands: list[tuple[str | Path, ...]] = [
            (*ruff, "format", "--check", *settings, "engine"),
            (*ruff, "check", *settings, "engine"),
            (*mypy, *types, "--explicit-package-bases", "engine"),
        ]
        return max(subprocess.run(command, cwd=PACKAGE, check=False).returncode for command in commands)


def project_rules() -> str:
    """Return the rules for ruff and mypy in the project's pyproject.toml, without the names of packages."""
    tables = TABLE.findall((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    ours = [table for table in tables if table.lstrip("[").startswith(("tool.ruff", "tool.mypy"))]
    return re.sub(r"^packages = .*\n", "", "".join(ours), flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
