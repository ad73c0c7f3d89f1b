"""Putting off the work that a library does when it is imported until it is needed."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any


class _Finder(MetaPathFinder):
    """Finds modules of some names as Python does, and leaves their execution for later."""

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
    """Within the block, importing one of these modules executes it only when one of its names is used.

    A module that is already imported, or is not installed, is not affected.
    """
    finder = _Finder(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Package(ModuleType):
    """A package whose `__init__` is executed when one of its names is used, after those of its parents."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python and libraries look for these in all modules
            raise AttributeError(name)
        above = sys.modules.get(self.__name__.rpartition(".")[0])
        for package in (above, self):
            if isinstance(package, _Package):
                package._execute()
        return getattr(self, name)

    def _execute(self) -> None:
        package: Any = self
        later = package.__loader__
        # while it is executed, it behaves like any package
        package.__class__, package.__loader__ = ModuleType, later.real
        try:
            later.real.exec_module(package)
        except BaseException:
            package.__class__, package.__loader__ = _Package, later
            raise


class _Later(Loader):
    """Makes a `_Package`."""

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the execution to the package."""


class _Packages(_Finder):
    """Finds packages of some names; what is in them can be imported before they are executed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self.names else None
        if spec and spec.loader:
            spec.loader = _Later(spec.loader)
        return spec


def packages(*names: str) -> None:
    """From now on, importing one of these packages, or what is in it, executes it only if a name is used.

    A package that is already imported, or is not installed, is not affected.
    """
    finder = _Packages(frozenset(names))
    if all(getattr(one, "names", None) != finder.names for one in sys.meta_path):
        sys.meta_path.insert(0, finder)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Within the block, make these modules seem not to be installed, for a library that can do without them.

    A module that is already imported is not affected.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # Python's mark for "not to be found"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class _Text:
    """Stands in for SciPy's class of a function's documentation: accepts additions without showing them."""

    def __init__(self, function: object) -> None:
        self.text = function.__doc__ or ""
        self.sections: dict[str, list[Any]] = defaultdict(list)

    def __getitem__(self, name: str) -> list[Any]:
        return self.sections[name]

    def __setitem__(self, name: str, value: list[Any]) -> None:
        self.sections[name] = value

    def __str__(self) -> str:
        return f"\n{self.text}"  # the caller removes the first line, which has the signature


@contextmanager
def documentation() -> Iterator[None]:
    """Within the block, SciPy leaves the documentation of its functions as it is in their source.

    When SciPy is imported, it parses the documentation of several hundred functions to add a note on arrays
    to each: this is half of the time that it takes to import scikit-learn.
    """
    try:
        module: Any = import_module("scipy._lib._docscrape")
        whole = module.FunctionDoc
    except (ModuleNotFoundError, AttributeError):  # another version of SciPy may have it elsewhere
        yield
        return
    module.FunctionDoc = _Text
    try:
        yield
    finally:
        module.FunctionDoc = whole
