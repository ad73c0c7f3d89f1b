"""Copies of the project's modules under other names."""

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
    """Copies of modules in a folder. Their names end in a hash of all of them: other content, other names.

    Attributes:
        modules: the files of the modules, by the modules' names.
        roots: the first part of the copies' names, by the first part of the modules' names.
        paths: the files and folders of the copies at the top of the folder.
    """

    def __init__(self, modules: dict[str, Path], folder: Path) -> None:
        """Write the copies.

        Args:
            modules: the files of the modules, by the modules' names.
            folder: an empty folder to write to.
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
        """Return the name of a copy, or of something in it; the name of a library is returned unchanged."""
        root, dot, rest = name.partition(".")
        return f"{self.roots.get(root, root)}{dot}{rest}"

    def find(self, name: str, copied: bool = False) -> Any:
        """Return the object of a dotted name, from its module or from the module's copy.

        Raises:
            AttributeError: the module does not have it.
            Exception: anything that the module raises when it is imported.
        """
        module = max((module for module in self.modules if f"{name}.".startswith(f"{module}.")), key=len)
        names = name.removeprefix(module).split(".")[1:]
        return reduce(getattr, names, import_module(self.name_of(module) if copied else module))

    def libraries(self) -> set[str]:
        """Return the names of the libraries that the copies import; only imported copies count."""
        loaded = [path for name, path in self.modules.items() if self.name_of(name) in sys.modules]
        roots = {root_of(name) for path in loaded for name in imports_of(path)}
        return roots - {*self.roots, *sys.stdlib_module_names, ""}  # a relative import begins with a dot

    def _rewritten(self, source: bytes) -> bytes:
        """Make absolute imports name the copies; relative imports need no change."""
        try:
            changes = list(self._changes(ast.parse(source)))
        except (SyntaxError, ValueError):  # Python will report that if anything imports the module
            return source
        if not changes:
            return source
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        lines = source.decode(encoding).encode().splitlines(keepends=True)  # as ast counts columns
        for old, new in sorted(changes, key=lambda change: _span(change[0]), reverse=True):
            first, begin, last, end = _span(old)
            changed = lines[first][:begin] + ast.unparse(new).encode() + lines[last][end:]
            lines[first : last + 1] = [changed]
        return b"".join(lines).decode().encode(encoding)

    def _changes(self, tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Yield each node to replace, with its replacement."""
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
        """Yield imports of a copy that bind the name which the module's import would have bound."""
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
    """Return where a node begins and ends: line and column of each, counted from 0."""
    return node.lineno - 1, node.col_offset, node.end_lineno - 1, node.end_col_offset
