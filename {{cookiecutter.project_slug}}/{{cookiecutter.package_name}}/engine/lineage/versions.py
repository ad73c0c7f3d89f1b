"""The versions of the libraries that compute the results: another version may compute different ones."""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    "dvc",
    "great-expectations",
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "skops",
)
OPTIONAL = ("catboost", "lightgbm", "xgboost", "xgboost-cpu")


def installed() -> dict[str, str]:
    """Return the versions of Python and the libraries by name, and the kind of machine as `platform`."""
    machine = f"{platform.system()} {platform.machine()}"
    versions = {
        "python": platform.python_version(),
        "platform": machine,
        **{name: version(name) for name in LIBRARIES},
    }
    for name in OPTIONAL:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions
