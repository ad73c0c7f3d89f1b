"""A model carries the modules that its types come from, and what these import: it always runs its own code.

MLflow puts the `code/` of a model on `sys.path`, and Python imports a module only once in a process, by its
name. If two versions had modules with the same names, both would run the code of the one loaded first, and an
old champion would run today's code. So a model carries copies whose names end in a hash of their content, and
the model file contains these names, such as `PACKAGE_3f2a9c1d5b77.features.step`.
"""

import atexit
import errno
import importlib
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from ..base.errors import UserError, kind_and_line
from ..base.paths import PACKAGE
from ..lineage.imports import own_modules
from .copies import Copies, root_of


@contextmanager
def carried(types: Iterable[str]) -> Iterator[Copies]:
    """Within the block, the project's types have the module names of their copies: skops writes those names.

    Args:
        types: dotted names of the classes and functions that the model holds.

    Yields:
        The copies, which are deleted after the block.

    Raises:
        UserError: one of the types would not be found where the model is loaded.
    """
    imported, changed = set(sys.modules), list[tuple[Any, str]]()
    with TemporaryDirectory() as folder:
        copies = Copies(own_modules(types), Path(folder))
        sys.path.insert(0, folder)  # since MLflow loads the model after writing it
        try:
            for name in (name for name in types if root_of(name) in copies.roots):
                _check(copies, name)
                type_ = copies.find(name)
                type_ = getattr(type_, "__func__", type_)  # of a bound method
                changed.append((type_, type_.__module__))
            for type_, module in changed:
                type_.__module__ = copies.name_of(module)
            yield copies
        finally:
            for type_, module in changed:
                type_.__module__ = module
            sys.path.remove(folder)
            for name in set(sys.modules) - imported:
                if root_of(name) in copies.roots.values():
                    del sys.modules[name]  # the file is deleted


def _check(copies: Copies, name: str) -> None:
    """Check that a type can be imported from the copies alone.

    Raises:
        UserError: it cannot.
    """
    try:
        copies.find(name, copied=True)
    except Exception as error:  # a user's module may raise anything
        reason = kind_and_line(error)
        raise UserError(
            f"the model cannot be logged: {name} would be missing where it is loaded ({reason}); define "
            "it at the top level of a module, which is logged with what it imports, but without other files"
        ) from None


def load(uri: str) -> Any:
    """Load a scikit-learn model with the code that it carries, whatever modules this process has imported.

    Args:
        uri: the model's URI, as MLflow accepts it.
    """
    import mlflow

    folder, before = _downloaded(uri), sys.path
    hidden: dict[str, Any] = {}
    if (folder / "code" / PACKAGE).is_dir():  # an old model: its modules have the names of the project's own
        hidden = {name: sys.modules.pop(name) for name in [*sys.modules] if root_of(name) == PACKAGE}
    importlib.invalidate_caches()  # the folder may not have existed when Python last looked into it
    try:
        return mlflow.sklearn.load_model(str(folder))
    finally:
        if hidden:
            for name in [name for name in sys.modules if root_of(name) == PACKAGE]:
                del sys.modules[name]
            sys.modules.update(hidden)
        # last and only once, so that no module of the project is imported from a model's folder
        added = [] if hidden else [path for path in sys.path if path not in before]
        sys.path = [*before, *added]


def _downloaded(uri: str) -> Path:
    """Return a model's folder on this machine: the one in a local store, or a copy."""
    import mlflow

    try:
        return Path(mlflow.artifacts.download_artifacts(uri))
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EROFS):
            raise
    # MLflow would leave a file in the store's own folder, which may be read-only here
    copy = mkdtemp(prefix="model-")
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    return Path(mlflow.artifacts.download_artifacts(uri, dst_path=copy))
