"""A model carries the modules that its types come from, with what these import: it is run by no others.

MLflow puts the `code/` of a model on `sys.path`, and Python imports a module once in a process, by its name.
Two versions whose modules have the same names would both be run by the code of the first, and a champion by
that of today. So what is carried are copies, whose names end in a hash of their content; and the model file
has these names, e.g. `PACKAGE_3f2a9c1d5b77.features.step`.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..base.errors import UserError
from ..base.paths import PACKAGE
from ..lineage.imports import own_modules
from .copies import Copies, root_of


@contextmanager
def carried(types: Iterable[str]) -> Iterator[Copies]:
    """Within the block, types of the project say that they are of copies: skops writes what they say.

    Args:
        types: dotted names of what the model holds, classes and functions.

    Raises:
        UserError: where the model is loaded, one of them would not be found.
    """
    imported, changed = set(sys.modules), list[tuple[Any, str]]()
    with TemporaryDirectory() as folder:
        copies = Copies(own_modules(types), Path(folder))
        sys.path.insert(0, folder)  # MLflow loads what it has written
        try:
            for name in (name for name in types if root_of(name) in copies.roots):
                _check(copies, name)
                thing = copies.find(name)
                thing = getattr(thing, "__func__", thing)  # of a bound method
                changed.append((thing, thing.__module__))
            for thing, module in changed:
                thing.__module__ = copies.name_of(module)
            yield copies
        finally:
            for thing, module in changed:
                thing.__module__ = module
            sys.path.remove(folder)
            for name in set(sys.modules) - imported:
                if root_of(name) in copies.roots.values():
                    del sys.modules[name]  # its file is gone


def _check(copies: Copies, name: str) -> None:
    """Check that a type is found in the copies alone.

    Raises:
        UserError: it is not, or its module cannot be imported.
    """
    try:
        copies.find(name, copied=True)
    except Exception as error:  # a module of your own may raise anything
        why = f"{type(error).__name__}: {error}".split("\n")[0]
        raise UserError(
            f"the model cannot be logged: where it is loaded, there would be no {name} ({why}); "
            "what it holds has to be at the top of a module, which comes with what it imports, and no more"
        ) from None


def load(uri: str) -> Any:
    """Load a scikit-learn model with the code that it carries, whatever this process has imported."""
    import mlflow

    folder, before = Path(mlflow.artifacts.download_artifacts(uri)), sys.path
    hidden: dict[str, Any] = {}
    if (folder / "code" / PACKAGE).is_dir():  # it is of before, and its modules have the names of those here
        hidden = {name: sys.modules.pop(name) for name in [*sys.modules] if root_of(name) == PACKAGE}
    try:
        return mlflow.sklearn.load_model(str(folder))
    finally:
        if hidden:
            for name in [name for name in sys.modules if root_of(name) == PACKAGE]:
                del sys.modules[name]
            sys.modules.update(hidden)
        # last and once: nothing that is here is found in a model instead
        found = [] if hidden else [path for path in sys.path if path not in before]
        sys.path = [*before, *found]
