"""The page: the verdict, and each column with both of its distributions."""

from .result import Result


def page(result: Result, names: bool) -> str:
    """Write the page.

    Args:
        result: of the comparison.
        names: show those of new categories.
    """
    return f"<!doctype html><title>drift: {result.verdict}</title>"
