"""The plugin that brings code and data to the workers of a Dask cluster, and checks their libraries.

The scheduler keeps it and sends it once to each worker, including one that joins later, so that losing a
worker does no harm.
"""

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
from distributed import WorkerPlugin

from ..lineage.imports import own_modules
from . import code
from .cross_validation import CrossValidation

if TYPE_CHECKING:
    from distributed import Worker

LIBRARIES = ("scikit-learn", "numpy", "pandas", "pydantic", "ruamel-yaml", "joblib")

# the class below is sent as a whole, since workers do not have this package
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class CodeAndData(WorkerPlugin):  # type: ignore[misc]
    """Puts the package and the training rows on a worker."""

    def __init__(
        self,
        package: str,
        code: bytes,
        fields: dict[str, Any],
        versions: dict[str, str],
        models: dict[str, str],
    ) -> None:
        """Keep the content that is sent.

        Args:
            package: the package's name in the zip file.
            code: the zip file.
            fields: the fields of `CrossValidation`.
            versions: the versions of the libraries that are installed here.
            models: the version here of each module that a model's class is from; empty if it has none.
        """
        self.package, self.code, self.fields = package, code, fields
        self.versions, self.models = versions, models

    def setup(self, worker: "Worker") -> None:
        """Unpack code and data on a worker.

        Raises:
            RuntimeError: a library is missing or has another version, which could change scores.
        """
        for name, ours in self.versions.items():
            try:
                theirs = version(name)
            except PackageNotFoundError:
                theirs = "none"
            if theirs != ours:
                raise RuntimeError(f"{name} is {theirs} on the worker {worker.address}, {ours} here")
        path = Path(worker.local_directory) / f"{self.package}.zip"
        path.write_bytes(self.code)
        sys.path.append(str(path))
        module = import_module(f"{self.package}.engine.tuning.cross_validation")
        renamed = import_module(self.package).RENAMED
        for name, ours in self.models.items():
            root, dot, rest = name.partition(".")
            try:
                theirs = getattr(import_module(f"{renamed.get(root, root)}{dot}{rest}"), "__version__", "")
            except ImportError as error:
                raise RuntimeError(f"{error} on the worker {worker.address}") from None
            if theirs != ours:
                raise RuntimeError(f"{name} is {theirs} on the worker {worker.address}, {ours} here")
        self.cross_validation = module.CrossValidation(**self.fields)


def code_and_data(cross_validation: CrossValidation, classes: list[type]) -> CodeAndData:
    """Pack what the workers get.

    Args:
        cross_validation: evaluates trials.
        classes: the classes of the models that trials may have.
    """
    package, packed = code.pack(cross_validation.content)
    versions = {name: version(name) for name in LIBRARIES}
    models = {name: getattr(sys.modules.get(name), "__version__", "") for name in _modules(classes)}
    return CodeAndData(package, packed, vars(cross_validation), versions, models)


def _modules(classes: list[type]) -> set[str]:
    """List the project's modules, and the libraries, that classes and their bases are from."""
    names = {base.__module__ for cls in classes for base in cls.__mro__}
    return {name if own_modules([name]) else name.split(".")[0] for name in names} - sys.stdlib_module_names
