"""Which modules of the project a module is made of, told by the imports in its file: nothing is executed."""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path

from ..base.paths import PACKAGE

ROOT = Path(import_module(PACKAGE).__path__[0]).absolute().parent  # of the project
BY_NAME = ("import_module", "__import__")  # functions that import what a text names
BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")  # of a statement: other statements


def own_modules(names: Iterable[str], outside: Collection[str] = ()) -> dict[str, Path]:
    """Find the project's own modules: those in its package, and those beside it in the project's folder.

    Args:
        names: dotted names, of modules or of what is in them, e.g. `PACKAGE.mine.Mine`. Those of libraries
            are made of nothing.
        outside: packages that are left out, and not followed either, e.g. `PACKAGE.tracking`.

    Returns:
        The modules of these names and what they import, at their top or in a function, and so on; the
        `__init__` of each package on the way, too. By their dotted names, with their files.
    """
    found: dict[str, Path] = {}
    waiting, listed = list(names), dict[Path, set[str]]()
    while waiting:
        for module, path in _on_the_way(waiting.pop(), listed):
            if any(f"{module}.".startswith(f"{package}.") for package in outside):
                break
            if module not in found:
                found[module] = path
                waiting += set(_imported_by(module, path)).difference(found)
    return dict(sorted(found.items()))


def says_nothing(path: Path) -> bool:
    """Tell whether a module holds at most a docstring, as the `__init__` of most packages does."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return False
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def _on_the_way(name: str, listed: dict[Path, set[str]]) -> Iterator[tuple[str, Path]]:
    """Find the files that Python would execute to import a dotted name, as it looks for them.

    Args:
        name: what follows a module in it is something that the module holds.
        listed: what each folder holds, in upper and lower case as it is on the disk.
    """
    folder, module = ROOT, ""
    for part in name.split("."):
        module = f"{module}.{part}".lstrip(".")
        if folder not in listed:
            listed[folder] = {entry.name for entry in folder.iterdir()}
        here, inside = listed[folder], folder / part
        if part in here and (inside / "__init__.py").is_file():
            yield module, inside / "__init__.py"
        elif f"{part}.py" in here:
            yield module, folder / f"{part}.py"
            return
        elif part not in here or not inside.is_dir():
            return
        folder = inside


def _imported_by(module: str, path: Path) -> Iterator[str]:
    """Name what a module imports; of `from x import y`, `x.y`, which may be a module or something in one."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for name in imports_of(path):
        try:
            yield resolve_name(name, package)
        except ImportError:  # more dots than there are packages: Python will say so
            continue


def imports_of(path: Path) -> tuple[str, ...]:
    """Name what a file imports, as it names it: with a dot before what is relative."""
    stat = path.stat()
    return _imports(path, stat.st_size, stat.st_mtime_ns)


@cache
def _imports(path: Path, size: int, mtime_ns: int) -> tuple[str, ...]:
    """Name what a file of this size and time imports; see `imports_of`."""
    source = path.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # Python will say so, if anything imports it
        return ()
    found = list(_in_statements(tree.body))
    if any(name.encode() in source for name in BY_NAME):
        found += [name for node in ast.walk(tree) if isinstance(node, ast.Call) for name in called(node)]
    return tuple(dict.fromkeys(found))


def _in_statements(body: Iterable[ast.AST]) -> Iterator[str]:
    """Name what statements and those inside them import, but for what only a type checker does."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (f"{node.module}." if node.module else "")
            yield from (f"{base}{alias.name}" for alias in node.names)
        else:
            fields = ("orelse",) if _is_for_types(node) else BLOCKS
            for field in fields:
                yield from _in_statements(getattr(node, field, ()))


def _is_for_types(node: ast.AST) -> bool:
    """Tell whether a statement is `if TYPE_CHECKING:`."""
    test = node.test if isinstance(node, ast.If) else None
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def called(call: ast.Call) -> Iterator[str]:
    """Name what a call such as `import_module("x")` imports, if it says so in a text."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    first = call.args[0] if call.args else None
    if function in BY_NAME and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
