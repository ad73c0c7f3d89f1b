"""A model's requirements: libraries, each with the installed version."""

import sys
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec

from ..base.errors import UserError

REQUIRED = ("mlflow", "numpy", "pandas", "scikit-learn", "skops")
# packages that come with every model's libraries
PROVIDED = ("mlflow", "numpy", "pandas", "sklearn", "skops", "scipy")


def pinned(roots: set[str]) -> list[str]:
    """Return a model's pinned requirements: those of every model, and those that provide the given packages.

    Args:
        roots: the names of top-level packages that the model needs.

    Raises:
        UserError: no installed library has the package.
    """
    roots = roots - {*PROVIDED} - sys.stdlib_module_names
    distributions = packages_distributions() if roots else {}
    unknown = roots - distributions.keys()
    if missing := sorted(name for name in unknown if name in sys.modules or find_spec(name)):
        raise UserError(
            f"the model cannot be logged: {', '.join(missing)} would be missing where it is loaded; put it "
            "into this project's folder, or install it as a library"
        )
    extra = [name for root in roots for name in distributions.get(root, [])]
    return [f"{name}=={version(name)}" for name in sorted({*REQUIRED, *extra})]
