"""The modules of the project's own half, by their names; if one lacks something, the error is one line."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from .errors import UserError, in_a_line
from .paths import CODE, PACKAGE


def module(name: str, *holds: str) -> Any:
    """Import one of the project's modules.

    Args:
        name: the module's name within the package.
        holds: the names that the engine needs from it.

    Raises:
        UserError: there is no such module, or it lacks one of these names.
        Exception: whatever the module raises.
    """
    path = f"{PACKAGE}/{name.replace('.', '/')}.py"
    try:
        module = import_module(f"{PACKAGE}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{PACKAGE}.{name}":
            raise
        raise UserError(
            f"{path}: there is no such file, and the engine needs it: git restore {path}"
        ) from None
    if lacks := [one for one in holds if not hasattr(module, one)]:
        raise UserError(f"{path}: defines no {' and no '.join(lacks)}, which the engine needs")
    return module


def named(of: str, name: str, kind: type, needed: str) -> dict[str, Any]:
    """Return a dictionary that a module defines.

    Raises:
        UserError: it is not a dictionary, or one of its values is of another kind.
    """
    value = _value(of, name)
    if not isinstance(value, Mapping):
        raise UserError(f"{PACKAGE}/{of}.py: {name}: needs to be a dictionary; got {in_a_line(value)}")
    for key, one in value.items():
        if not isinstance(key, str) or not isinstance(one, kind):
            raise UserError(f"{PACKAGE}/{of}.py: {name}: needs names and {needed}; got {key!r}: {one!r}")
    return dict(value)


@lru_cache
def _value(of: str, name: str) -> Any:
    """Return the value of a name in a module: the literal in the source or, if it is computed, by import."""
    import ast  # not at the top: a `register` with nothing to do does not need it

    path = CODE / f"{of}.py"
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (OSError, SyntaxError, ValueError):  # it is in a worker's zip file; or Python will report it
        tree = ast.Module([], [])
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    for node in tree.body if len(uses) == 1 else ():  # otherwise something may be added to the literal
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(getattr(node, "value", None) or "")
            except (ValueError, TypeError, SyntaxError):
                break  # it is computed
    return getattr(module(of, name), name)
