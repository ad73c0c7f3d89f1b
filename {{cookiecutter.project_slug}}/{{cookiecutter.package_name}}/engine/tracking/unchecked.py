"""Leaving out checks that MLflow makes when a model is logged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unchecked() -> Iterator[None]:
    """Within the block, MLflow logs models without two checks that could only end in a warning.

    One check is that the installed libraries meet the model's requirements, for which MLflow looks up the
    package of each installed module: not needed, since the requirements are made from what is installed. The
    other loads the model again and serves its example: not needed, since the pipeline has just predicted, and
    its types were compared with the trusted ones.
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
    """Stand in for a check."""
