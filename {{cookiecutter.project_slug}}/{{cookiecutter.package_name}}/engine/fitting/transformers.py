"""Transformers that params.yaml names by their import paths, such as an embedding of your own."""

from typing import Any

from ..blocks.checking import params_error
from .importing import describe_error, imported, renamed

NEEDED = ("fit", "transform", "get_params")


def transformer(path: str, *key: str) -> Any:
    """Make a transformer with its own defaults.

    Args:
        path: the import path of its class.
        key: where params.yaml has it, for messages.

    Raises:
        UserError: there is no such class, its module cannot be imported, or it is not a transformer.
    """
    if "." not in path:
        raise params_error(key, f"{path!r} is not an import path, such as my_package.my_module.MyClass")
    try:
        made = imported(renamed(path))()
    except (Exception, SystemExit) as error:  # a module of your own may raise anything
        raise params_error(key, f"{path!r} cannot be imported and made ({describe_error(error)})") from None
    if lacks := [name for name in NEEDED if not hasattr(made, name)]:
        message = (
            f"{path!r} has no {' and '.join(lacks)}; derive it from sklearn's TransformerMixin, BaseEstimator"
        )
        raise params_error(key, message)
    return made
