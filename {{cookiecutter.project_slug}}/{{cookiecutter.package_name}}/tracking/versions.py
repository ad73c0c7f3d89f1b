"""What computes the results: another version of it may compute others."""

import platform
from importlib.metadata import version

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


def installed() -> dict[str, str]:
    """Return the versions of Python and the libraries, and the kind of machine."""
    machine = f"{platform.system()} {platform.machine()}"
    return {
        "python": platform.python_version(),
        "platform": machine,
        **{name: version(name) for name in LIBRARIES},
    }
