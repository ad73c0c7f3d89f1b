"""The libraries that a model asks for, each with the version that is installed."""

import sys
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec

from ..base.errors import UserError

REQUIRED = ("mlflow", "numpy", "pandas", "scikit-learn", "skops")
BROUGHT = ("mlflow", "numpy", "pandas", "sklearn", "skops", "scipy")  # modules that come with these


def pinned(roots: set[str]) -> list[str]:
    """Pin what a model needs to be loaded: the fixed list, and what brings these modules.

    Raises:
        UserError: nothing that is installed brings one.
    """
    roots = roots - {*BROUGHT} - sys.stdlib_module_names
    distributions = packages_distributions() if roots else {}
    unknown = roots - distributions.keys()
    if strange := sorted(name for name in unknown if name in sys.modules or find_spec(name)):
        raise UserError(
            f"the model cannot be logged: where it is loaded, there would be no {', '.join(strange)}; "
            "put it into this project's folder, or install it as a library"
        )
    extra = [name for root in roots for name in distributions.get(root, [])]
    return [f"{name}=={version(name)}" for name in sorted({*REQUIRED, *extra})]
