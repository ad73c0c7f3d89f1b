"""Libraries that another one imports at once and that may never be needed."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _Finder(MetaPathFinder):
    """Finds the modules of these names as Python does, to be executed later."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self.names else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def modules(*names: str) -> Iterator[None]:
    """Within the block, importing one of these modules does not execute it before one of its names is used.

    A module that is imported already, or is not installed, is as it would be without this.
    """
    finder = _Finder(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Within the block, these modules are as if they were not installed, for a library that can do without.

    A module that is imported already is as it would be without this.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # how Python marks what is not to be found
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
