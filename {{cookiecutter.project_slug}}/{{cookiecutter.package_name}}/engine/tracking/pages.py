"""Searches in MLflow, which returns results page by page."""

from collections.abc import Callable
from typing import Any


def all_pages(search: Callable[..., Any], **arguments: Any) -> list[Any]:
    """Return the results of a client's search from all pages."""
    results, token = [], None
    while True:
        page = search(**arguments, page_token=token)
        results += page
        if not (token := page.token):
            return results
