"""Copies of the project's modules that work under other names."""

import ast
import hashlib
import io
import sys
import tokenize
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from ..lineage.imports import imported_by_call, imports_of


class Copies:
    """Copies of modules, in a folder. Their names end in a hash of them all: others have other names.

    Attributes:
        roots: the first part of the names of the copies, by that of the modules.
        paths: the files and folders that they are.
    """

    def __init__(self, modules: dict[str, Path], folder: Path) -> None:
        """Write the copies.

        Args:
            modules: their files, by their names.
            folder: empty.
        """
        sources = {name: path.read_bytes() for name, path in modules.items()}
        content = hashlib.md5(repr(sorted(sources.items())).encode()).hexdigest()[:12]
        self.modules = modules
        self.roots = {root: f"{root}_{content}" for root in map(root_of, modules)}
        for name, source in sources.items():
            at = folder.joinpath(*self.name_of(name).split("."))
            copy = at / "__init__.py" if modules[name].name == "__init__.py" else at.with_suffix(".py")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(self._rewritten(source))
        self.paths = [str(path) for path in sorted(folder.iterdir())]

    def name_of(self, name: str) -> str:
        """Name the copy of a module, or of what is in it; a name of a library stays what it is."""
        root, dot, rest = name.partition(".")
        return f"{self.roots.get(root, root)}{dot}{rest}"

    def find(self, name: str, copied: bool = False) -> Any:
        """Return what a dotted name is of, in a module or in its copy.

        Raises:
            AttributeError: the module does not have it.
            Exception: whatever a module raises when it is imported.
        """
        module = max((known for known in self.modules if f"{name}.".startswith(f"{known}.")), key=len)
        names = name.removeprefix(module).split(".")[1:]
        return reduce(getattr, names, import_module(self.name_of(module) if copied else module))

    def libraries(self) -> set[str]:
        """Name the packages of others that the copies import, those copies that have been imported."""
        loaded = [path for name, path in self.modules.items() if self.name_of(name) in sys.modules]
        roots = {root_of(name) for path in loaded for name in imports_of(path)}
        return roots - {*self.roots, *sys.stdlib_module_names, ""}  # a relative import begins with a dot

    def _rewritten(self, source: bytes) -> bytes:
        """Let absolute imports of the modules name the copies; relative ones find them as they are."""
        try:
            changes = list(self._changes(ast.parse(source)))
        except (SyntaxError, ValueError):  # Python will say so, if anything imports it
            return source
        if not changes:
            return source
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        lines = source.decode(encoding).encode().splitlines(keepends=True)  # in which ast counts
        for old, new in sorted(changes, key=lambda change: _span(change[0]), reverse=True):
            first, begin, last, end = _span(old)
            changed = lines[first][:begin] + ast.unparse(new).encode() + lines[last][end:]
            lines[first : last + 1] = [changed]
        return b"".join(lines).decode().encode(encoding)

    def _changes(self, tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Return each part that is to be replaced, and what by."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(root_of(name.name) in self.roots for name in node.names):
                yield node, ast.Import([new for alias in node.names for new in self._aliases(alias)])
            elif isinstance(node, ast.ImportFrom) and root_of(node.module or "") in self.roots:
                if not node.level:
                    yield node, ast.ImportFrom(self.name_of(node.module or ""), node.names, 0)
            elif isinstance(node, ast.Call):
                texts = (name for name in imported_by_call(node) if root_of(name) in self.roots)
                yield from ((node.args[0], ast.Constant(self.name_of(name))) for name in texts)

    def _aliases(self, alias: ast.alias) -> Iterator[ast.alias]:
        """Import a copy under the name that the module would have had."""
        root, new = root_of(alias.name), self.name_of(alias.name)
        if alias.asname or root not in self.roots:
            yield ast.alias(new, alias.asname)
        else:
            yield from [ast.alias(new)] * (alias.name != root)  # `import a.b` binds `a`
            yield ast.alias(self.roots[root], root)


def root_of(name: str) -> str:
    """Return the first part of a dotted name."""
    return name.split(".")[0]


def _span(node: Any) -> tuple[int, int, int, int]:
    """Say where a part of a module is: line and column, from 0, of its begin and of its end."""
    return node.lineno - 1, node.col_offset, node.end_lineno - 1, node.end_col_offset
