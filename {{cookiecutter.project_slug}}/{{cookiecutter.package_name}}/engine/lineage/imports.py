"""Which of the project's modules a module imports, read from the source: nothing is executed."""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path

from ..base.paths import PACKAGE

ROOT = Path(import_module(PACKAGE).__path__[0]).absolute().parent  # the project's folder
BY_NAME = ("import_module", "__import__")  # functions that import what a text names
# the fields of a statement that contain statements
BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


def own_modules(names: Iterable[str], outside: Collection[str] = ()) -> dict[str, Path]:
    """Find the project's own modules: those in its package, and those beside it in the project's folder.

    Args:
        names: dotted names of modules or of what is in them, e.g. `PACKAGE.mine.Mine`. Names of libraries
            are skipped.
        outside: packages that are neither listed nor followed, e.g. `PACKAGE.tracking`.

    Returns:
        The file of each module by the module's dotted name: the modules named, whatever they import at the
        top or in a function, directly or indirectly, and the `__init__` of each package that holds one.
    """
    modules: dict[str, Path] = {}
    waiting, listed = list(names), dict[Path, set[str]]()
    while waiting:
        for module, path in _on_the_way(waiting.pop(), listed):
            if any(f"{module}.".startswith(f"{package}.") for package in outside):
                break
            if module not in modules:
                modules[module] = path
                waiting += set(_imported_by(module, path)).difference(modules)
    return dict(sorted(modules.items()))


def is_empty(path: Path) -> bool:
    """Tell whether a module holds at most a docstring, as the `__init__` of most packages does."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return False
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def _on_the_way(name: str, listed: dict[Path, set[str]]) -> Iterator[tuple[str, Path]]:
    """Find the files that Python would execute to import a dotted name, in the order that it searches.

    Args:
        name: the name of a module, or of something that a module holds.
        listed: the entries of each folder seen so far, in upper and lower case as they are on disk.
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
    """List what a module imports; `from x import y` gives `x.y`, a module or something in one."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for name in imports_of(path):
        try:
            yield resolve_name(name, package)
        except ImportError:  # there are more dots than packages: Python will report that
            continue


def imports_of(path: Path) -> tuple[str, ...]:
    """List what a file imports, as written there: a relative name begins with a dot."""
    stat = path.stat()
    return _imports(path, stat.st_size, stat.st_mtime_ns)


@cache
def _imports(path: Path, size: int, mtime_ns: int) -> tuple[str, ...]:
    """List what a file of this size and time imports; see `imports_of`."""
    source = path.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # Python will report that if anything imports the file
        return ()
    names = list(_in_statements(tree.body))
    if any(name.encode() in source for name in BY_NAME):
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        names += [name for call in calls for name in imported_by_call(call)]
    return tuple(dict.fromkeys(names))


def _in_statements(body: Iterable[ast.AST]) -> Iterator[str]:
    """List what statements, and those inside them, import when they run, not when they are type-checked."""
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


def imported_by_call(call: ast.Call) -> Iterator[str]:
    """List what a call such as `import_module("x")` imports, if its first argument is a literal text."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    first = call.args[0] if call.args else None
    if function in BY_NAME and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
