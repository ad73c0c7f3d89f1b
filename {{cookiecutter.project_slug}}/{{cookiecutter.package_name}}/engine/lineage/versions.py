"""What computes the results: another version of it may compute others."""

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
    """Return the versions of Python and the libraries, and the kind of machine."""
    machine = f"{platform.system()} {platform.machine()}"
    found = {
        "python": platform.python_version(),
        "platform": machine,
        **{name: version(name) for name in LIBRARIES},
    }
    for name in OPTIONAL:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
