"""The code that judges a trial: which modules of the project it is, and how it gets to a cluster."""

import ast
import hashlib
import io
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ..base.paths import PACKAGE
from ..lineage import imports
from ..lineage.imports import BY_NAME, own_modules

# `project` finds the project's half by name
JUDGE = [f"{PACKAGE}.{name}" for name in ("engine.tuning.cross_validation", "metrics", "models", "params")]


def modules(content: dict[str, Any]) -> dict[str, Path]:
    """Find the modules that a trial's score depends on, by their names.

    Args:
        content: of params.yaml: any text in its blocks `model` and `tune` may name a class of the project.
    """
    texts = {text for block in ("model", "tune") for text in _texts(content.get(block)) if "." in text}
    return own_modules([*JUDGE, *sorted(texts)])


def packed(content: dict[str, Any]) -> tuple[str, bytes]:
    """Zip these modules, each folder or file beside the package, and it, under a name made of all content.

    A worker that has seen an earlier version, or whose folder has the project, so runs this one.

    Returns:
        The package's name in the zip file, and the file. `RENAMED` in the package says what names are there.
    """
    own = modules(content)
    files = {path.relative_to(imports.ROOT).as_posix(): path.read_bytes() for path in own.values()}
    mark = hashlib.md5(repr(files).encode()).hexdigest()[:8]
    renamed = {name: f"{name}_{mark}" for name in {module.split(".")[0] for module in own}}
    files[f"{PACKAGE}/__init__.py"] += f"\nRENAMED = {renamed!r}\n".encode()
    for folder in {folder for name in files for folder in Path(name).parents[:-1]}:
        files.setdefault((folder / "__init__.py").as_posix(), b"")  # without one it is no package in a zip
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, source in files.items():
            first, dot, rest = name.partition("." if "/" not in name else "/")
            file.writestr(f"{renamed[first]}{dot}{rest}", _renamed_in(source, renamed))
    return renamed[PACKAGE], made.getvalue()


def _texts(value: Any) -> Iterator[str]:
    """Return every text in a value of YAML, names among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value:
            yield from _texts(part)
            yield from _texts(value[part] if isinstance(value, dict) else None)


def _renamed_in(source: bytes, renamed: dict[str, str]) -> bytes:
    """Have a module import by the names that modules have there, where it does so by their whole names."""
    if not any(name.encode() in source for name in renamed):
        return source
    try:
        return ast.unparse(_Renaming(renamed).visit(ast.parse(source))).encode()
    except (SyntaxError, ValueError):  # as it is, it tells whoever imports it what is wrong
        return source


class _Renaming(ast.NodeTransformer):
    """Renames what a module imports; what the module itself calls it stays."""

    def __init__(self, renamed: dict[str, str]) -> None:
        self.renamed = renamed

    def visit_Import(self, node: ast.Import) -> ast.Import:
        node.names = [new for alias in node.names for new in self._aliases(alias)]
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.module and not node.level:
            node.module = self._name(node.module)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args and called in BY_NAME else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            first.value = self._name(first.value)
        return self.generic_visit(node)

    def _aliases(self, alias: ast.alias) -> Collection[ast.alias]:
        """Rename one of `import a.b, c as d`; without an `as`, the module goes on to call it `a`."""
        first, new = alias.name.split(".")[0], self._name(alias.name)
        if alias.asname or new == alias.name:
            return [ast.alias(new, alias.asname)]
        return [*([ast.alias(new)] if "." in new else []), ast.alias(self._name(first), first)]

    def _name(self, name: str) -> str:
        first, dot, rest = name.partition(".")
        return f"{self.renamed.get(first, first)}{dot}{rest}"
