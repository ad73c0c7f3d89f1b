"""Untracked files, and which of them the pipeline could import or read."""

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

from ..base import git
from ..base.paths import EXPECTATIONS, PACKAGE, PARAMS, PIPELINE
from .pipeline import WRITTEN_BY_DVC, dependencies, stages

# beside the package: the files that it is installed from, and those that DVC reads
SETTINGS = ["pyproject.toml", "setup.*", "requirements*.txt", "requirements*.in", "constraints*.txt"]
SETTINGS += ["*.lock", "environment*.y*ml", ".python-version", ".dvcignore"]
# how a module is named in Python, and as the type of a model in params.yaml
IMPORTS = r"""(?m)^\s*(?:from\s+{0}\b|import\s+(?:[\w., ]*,\s*)?{0}\b|["']?(?:type:\s*["']?)?{0}\.\w)"""
IMPORTS += r"""|import_module\(\s*["']{0}\b"""


def untracked() -> tuple[list[str], list[str]]:
    """List the files that git neither tracks nor ignores, relative to the current folder.

    Returns:
        Those that the pipeline could import or read, and the others. A folder with none of the first kind
        is one entry that ends with `/`.

    Raises:
        GitError: git fails.
    """
    entries = [path for path in _others("--directory") if path.rstrip("/") not in WRITTEN_BY_DVC]
    if not entries:
        return [], []
    named = {PACKAGE, ".dvc/config", EXPECTATIONS.parent.as_posix(), PIPELINE.as_posix(), PARAMS.as_posix()}
    named |= _named_by_stages()
    named |= {f"{path}.dvc" for path in named} | _imported(entries)

    def is_needed(path: str) -> bool:
        return (
            any(path == name or path.startswith(f"{name}/") for name in named)
            or ("/" not in path and any(fnmatch(path, pattern) for pattern in SETTINGS))
            or path.endswith(".dvc")
        )

    needed: list[str] = []
    others: list[str] = []
    for entry in entries:
        paths = [entry]
        if entry.endswith("/") and (is_needed(entry) or any(name.startswith(entry) for name in named)):
            paths = _others(f"./{entry}")
        for path in paths:
            (needed if is_needed(path) and not path.endswith("/") else others).append(path)
    return needed, others


def _others(*arguments: str) -> list[str]:
    """List untracked files of the current folder, with further arguments of `git ls-files`."""
    printed = git.ask("ls-files", "--others", "--exclude-standard", "-z", *arguments)
    return [name for name in git.decoded(printed).split("\0") if name]


def _named_by_stages() -> set[str]:
    """Return the files that dvc.yaml names: dependencies, files with parameters, programs."""
    params = [entry for stage in stages().values() for entry in stage.get("params", [])]
    files = {name for entry in params if isinstance(entry, dict) for name in entry}
    words = " ".join(str(stage.get("cmd", "")) for stage in stages().values()).split()
    modules = {word.replace(".", "/") for option, word in pairwise(words) if option == "-m"}
    named = {*dependencies(), *files, *words, *modules, *(f"{module}.py" for module in modules)}
    return {name.removeprefix("./").rstrip("/") for name in named}


def _imported(entries: Iterable[str]) -> set[str]:
    """Return the untracked modules beside the package that it imports, directly or indirectly."""
    tops = {path.split("/")[0].removesuffix(".py") for path in entries if path.endswith((".py", "/"))}
    candidates = {top for top in tops - {PACKAGE} if top.isidentifier()}
    files = [*Path(PACKAGE).rglob("*.py")] if candidates else []
    chosen: set[str] = set()
    while files:
        code = "\n".join(file.read_text("utf-8", "replace") for file in [*files, PARAMS])
        new = {name for name in candidates - chosen if re.search(IMPORTS.format(name), code)}
        chosen |= new
        of_new = [file for name in new for file in (Path(f"{name}.py"), *Path(name).rglob("*.py"))]
        files = [file for file in of_new if file.is_file()]
    return chosen | {f"{name}.py" for name in chosen}
