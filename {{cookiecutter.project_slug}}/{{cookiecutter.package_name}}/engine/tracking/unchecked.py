"""Checks that MLflow makes when a model is logged, and that are left out here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unchecked() -> Iterator[None]:
    """Within the block MLflow logs models without two checks that could only end in a warning.

    One is that the installed libraries meet the model's requirements, for which it looks up the package of
    each installed module: the requirements are made from what is installed. The other loads the model again
    and serves its example: the pipeline has just predicted, and its types were compared with those trusted.
    """
    from mlflow.models import utils
    from mlflow.utils import environment

    checks: list[tuple[Any, str]] = [
        (environment, "warn_dependency_requirement_mismatches"),
        (utils, "_validate_serving_input"),
    ]
    replaced = [(module, name, vars(module)[name]) for module, name in checks if name in vars(module)]
    for module, name, _ in replaced:
        setattr(module, name, _nothing)
    try:
        yield
    finally:
        for module, name, check in replaced:
            setattr(module, name, check)


def _nothing(*args: object, **kwargs: object) -> None:
    """Stand for a check."""
